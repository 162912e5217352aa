"""What is done to Doxygen's HTML: names in pages become links to the reference,
and what is there for Doxygen's own scripts goes."""

import collections
import html
import json
import os
import re
import xml.etree.ElementTree as ET

CODE = re.compile(r"<code>([\w:./]+)((?:&lt;[^<]*&gt;)?(?:\(.*?\))?)</code>")
ROW_HEAD = re.compile(r"<tr.*?</t[dh]>", re.S)


def names_of(tagfile, folder):
    """Yields (name, page) of everything in the reference."""
    for compound in ET.parse(tagfile).getroot():
        kind, name = compound.get("kind"), compound.findtext("name")
        page = compound.findtext("filename")
        if kind in ("page", "dir"):
            continue
        if kind == "file":
            # 1.9.8 has the path from `folder`, 1.9.4 the whole one.
            path = os.path.relpath(os.path.join(
                folder, compound.findtext("path"), name), folder)
            yield path, page if page.endswith(".html") else page + ".html"
            continue
        page = page if page.endswith(".html") else page + ".html"
        yield name, page
        for member in compound.findall("member"):
            own = member.findtext("name")
            if own == name.split("::")[-1] or own.startswith("~"):
                continue
            yield (f"{name}::{own}", member.findtext("anchorfile") + "#" +
                   member.findtext("anchor"))


def short(name):
    return re.sub(r"^greenroom(::|/)", "", name)


def index(names):
    """Where a name leads that a page mentions: the first of overloads. A file
    also by its bare name, if no other has it."""
    pages = {}
    for name, page in names:
        pages.setdefault(short(name), page)
        pages.setdefault(name, page)
    files = [(os.path.basename(name), page) for name, page in names
             if name.endswith(".hpp")]
    bare = collections.Counter(name for name, _ in files)
    pages.update((name, page) for name, page in files if bare[name] == 1)
    return pages


def named_at(names):
    """What is called how at a place: for links that Doxygen has got wrong."""
    places = collections.defaultdict(set)
    for name, page in names:
        places[page].add(re.split(r"::|/", name)[-1])
    return places


def finish(site, tagfile, folder, targets):
    names = list(names_of(tagfile, folder))
    pages, places = index(names), named_at(names)
    for path, target in targets.items():
        target = target.removeprefix("@ref ")
        if target.startswith("greenroom/"):
            pages[path] = pages[target]
        else:
            pages.setdefault(path, f"{target}.html")
            pages.setdefault(path + "/", f"{target}.html")

    folders = {pages[path]: os.path.dirname(path) for path in targets
               if path.endswith(".md")}

    links = {}
    for file in sorted(os.listdir(site)):
        if file.endswith(".html"):
            path = os.path.join(site, file)
            with open(path) as page:
                text = page.read()
            text = without_wrong_links(text, file, places)
            text = finished(text, file, pages, folders.get(file, ""))
            links[file] = set(re.findall(r'(?:src|href)="([^"#]*)', text))
            with open(path, "w") as page:
                page.write(text)
    kept = reached(links)
    for file in set(os.listdir(site)) - kept:
        os.remove(os.path.join(site, file))

    unique = dict(sorted((short(name), page) for name, page in reversed(names)
                         if page.split("#")[0] in kept))
    with open(os.path.join(site, "names.js"), "w") as file:
        file.write("const names = " +
                   json.dumps(list(unique.items()), indent=0) + ";\n")


def reached(links):
    """What can be reached from the first page."""
    found, ahead = set(), ["index.html"]
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            ahead.extend(links.get(file, ()))
    return found


def without_wrong_links(text, file, places):
    """Doxygen 1.9.8 links keywords and parameters to classes here and there;
    both versions link a page to itself, take parameters for members of the
    same name, and any word in code for a function."""
    def kept(found):
        page, words = found[1], html.unescape(found[2])
        own = re.split(r"::", words)[-1]
        name = own if own.startswith("operator") else re.split(r"[<(]", own)[0]
        if page == file or page in places and name.strip() not in places[page]:
            return found[2]
        return found[0]
    text = re.sub(r'<a class="el" href="([^"]*)"[^>]*>([^<]*)</a>', kept, text)
    text = re.sub(r'(?<=[ ;*])<a class="el" href="[^"]*">([a-z]\w*)</a>(?=[,)=])',
                  r"\1", text)
    return re.sub(r'<a class="code hl_function"[^>]*>(\w+)</a>(?!\(|&lt;)',
                  r"\1", text)


def finished(text, file, pages, folder):
    def link(found):
        near = os.path.normpath(os.path.join(folder, found[1]))
        page = pages.get(near) or pages.get(found[1])
        if page is None or page.split("#")[0] == file:
            return found[0]
        return f'<a class="code" href="{page}">{found[0]}</a>'

    # The first column of a table says what, the others where.
    def link_path(found):
        return link(found) if re.search(r"[/.]", found[1]) else found[0]
    parts, last = [], 0
    for head in ROW_HEAD.finditer(text):
        parts += [CODE.sub(link, text[last:head.start()]),
                  CODE.sub(link_path, head[0])]
        last = head.end()
    text = "".join(parts) + CODE.sub(link, text[last:])

    text = re.sub(r"<code>#include &lt;(greenroom/.*?)&gt;</code>",
                  lambda found: found[0].replace(
                      found[1], f'<a href="{pages[found[1]]}">{found[1]}</a>'), text)

    text = re.sub(r"(?<![\w/>\"])(docs/\w+\.md)\b(?!\")", lambda found:
                  f'<a href="{pages[found[1]]}">{found[1]}</a>'
                  if found[1] in pages else found[1], text)

    text = text.replace("\N{PROPORTION}", "::")
    text = re.sub(r"(<title>|<div class=\"title\">)(.*?) (Namespace|File|Class|"
                  r"Struct|Concept)( Template)? Reference", r"\1\2", text)
    text = re.sub(r' +<a href="[^"]*">More...</a>', "", text)
    text = re.sub(r'^<div class="ttc".*\n', "", text, flags=re.M)
    # It lists some functions of a base as the class's own, a second time.
    text = re.sub(r'<tr class="(?:memitem|memdesc|separator):(\w+)".*?</tr>\n',
                  lambda row: row[0] if f'<a id="{row[1]}"' in text else "",
                  text, flags=re.S)
    text = re.sub(r' onclick="javascript:toggleInherit[^"]*"', "", text)
    text = re.sub(r'<img src="closed.png" alt="-"/>(&#160;)?', "", text)
    return text

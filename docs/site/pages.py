"""How the pages of the project are laid out for Doxygen.

Each *.md of the project is a page, named after its path: docs/tutorial.md is
docs_tutorial.html. Each program of examples/ is one, too. Links between them
are written for a forge, and turned into links of the site here.
"""

import os
import re

FOLDERS = ("docs", "runtime", "messaging", "actors", "examples", "tests",
           "benchmarks", "fuzz")
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)([^)\s#]+)(#[^)\s]*)?\)")
COLONS = "\N{PROPORTION}"  # stands for :: until finish.py
HEADING = re.compile(r"(#+) (.*)")


class DeadLink(Exception):
    """A page links to a file that is not there."""


def find_all(root):
    """The paths of all pages, README.md first, and of the examples' programs."""
    pages = sorted((file for file in os.listdir(root) if file.endswith(".md")),
                   key=lambda file: (file != "README.md", file))
    for top in FOLDERS:
        for folder, folders, files in os.walk(os.path.join(root, top)):
            folders[:] = sorted(set(folders) - {"node_modules"})
            pages += (os.path.relpath(os.path.join(folder, file), root)
                      for file in sorted(files) if file.endswith(".md"))
    return pages


def find_programs(root):
    """The programs of examples/, in reading order: their sources, by the path
    that names them. A folder with a main.cpp is one program."""
    programs = {"examples/first_actor.cpp": ["examples/first_actor.cpp"]}
    folders = [name for name in sorted(os.listdir(os.path.join(root, "examples")))
               if os.path.isdir(os.path.join(root, "examples", name))]
    for folder in (f"examples/{name}" for name in folders):
        files = sorted(os.listdir(os.path.join(root, folder)))
        sources = [f"{folder}/{file}" for file in files
                   if file.endswith((".cpp", ".hpp", ".html"))]
        if "main.cpp" in files:
            programs[folder] = sorted(
                sources, key=lambda path: (not path.endswith("main.cpp"),
                                           os.path.splitext(path)[0],
                                           not path.endswith(".hpp")))
        else:
            programs.update((path, [path]) for path in sources)
    return programs


def name_of(path):
    """The name of a page of the site: docs_tutorial."""
    stem = re.sub(r"(^|/)README\.md$", "", path)
    return re.sub(r"\W", "_", os.path.splitext(stem)[0]) or "index"


def anchor_of(page, heading):
    """As a forge makes it, after the name of the page."""
    words = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    return f"{page}-{words}".replace("-", "_")


def fences(lines):
    """Yields each line, and whether it is code."""
    in_code = False
    for line in lines:
        fence = line.startswith("```")
        yield line, in_code or fence
        if fence:
            in_code = not in_code


def unlinked(code):
    """Code in a line, in which Doxygen must not look for names: it does not
    know what the page is about. finish.py links those that are clear."""
    code = re.sub(r"(?<![\w:])(?=[A-Za-z_])", "%", code[0])
    return re.sub(r"(?<!\w)::", COLONS, code)


def for_doxygen(root, path, targets, pictures):
    """The text of a page. `targets`: what the site has, by path: where a link
    to it leads. Adds the pictures that it shows to `pictures`."""
    page, seen = name_of(path), 0

    def relink(found):
        picture, words, to, anchor = found.groups()
        there = os.path.normpath(os.path.join(os.path.dirname(path), to))
        if not os.path.exists(os.path.join(root, there)):
            raise DeadLink(f"{path}: there is no {there}")
        if picture:
            pictures.add(there)
            return f'<img src="{os.path.basename(there)}" alt="{words}"/>'
        if there not in targets:
            return words
        link = targets[there]
        if anchor:
            link = "#" + anchor_of(name_of(there), anchor[1:])
        return f"[{words}]({link})"

    with open(os.path.join(root, path)) as text:
        whole = text.read()
    # A link may go over the end of a line.
    whole = re.sub(r"\[([^\]\n]*)\n([^\]\n]*)\]\(", r"[\1 \2](", whole)
    done = []
    for line, is_code in fences(whole.splitlines()):
        if not is_code:
            heading = HEADING.match(line)
            if heading:
                seen += 1
                anchor = page if seen == 1 else anchor_of(page, heading[2])
                line += f" {{#{anchor}}}" if anchor != "index" else ""
            line = LINK.sub(relink, line)
            line = re.sub(r"`[^`]+`", unlinked, line)
            if line.startswith("<!--"):
                continue
        done.append(line)
    if seen > 6:
        done[1:1] = ["", "[TOC]"]
    return "\n".join(done) + "\n"


def intro_of(source):
    """The comment at the top of a source, and the rest."""
    lines = source.splitlines()
    intro = []
    while lines and (lines[0].startswith("//") or lines[0] == "#pragma once"):
        intro.append(lines.pop(0)[3:] if lines[0][:2] == "//" else lines.pop(0))
    intro = [line for line in intro if line != "#pragma once"]
    return "\n".join(intro).strip("\n"), "\n".join(lines).strip("\n")


def as_prose(intro):
    """Lines that are set in by two blanks are what one types and sees."""
    done, code = [], []
    for line in intro.splitlines() + ["end"]:
        if line.startswith("  ") or (code and not line):
            code.append(line[2:])
            continue
        if code:
            done += ["```text", "\n".join(code).rstrip(), "```", ""]
            code = []
        done.append(line)
    return "\n".join(done[:-1])


def program_page(root, path, sources):
    """The page of a program of examples/."""
    page = name_of(path)
    done = [f"# {path.removeprefix('examples/')} {{#{page}}}", ""]
    for source in sources:
        with open(os.path.join(root, source)) as text:
            whole = text.read()
        language = "html" if source.endswith(".html") else "cpp"
        intro, code = ("", whole.rstrip("\n")) if language == "html" \
            else intro_of(whole)
        if len(sources) > 1:
            name = os.path.basename(source)
            done += [f"## {name} {{#{anchor_of(page, name)}}}", ""]
        done += [as_prose(intro), "", f"```{language}", code, "```", ""]
    return "\n".join(done)


def list_of_programs(root, programs):
    """For the end of the page of examples/: what each program shows."""
    done = ["", "## All of them {#examples_all}", ""]
    for path, sources in programs.items():
        with open(os.path.join(root, sources[0])) as text:
            intro, _ = intro_of(text.read())
        first = " ".join(intro.split("\n\n")[0].split())
        name = path.removeprefix("examples/")
        done.append(f"- [{name}](@ref {name_of(path)}): {first}")
    return "\n".join(done) + "\n"


def list_of_headers(paths, abouts):
    """The page of the reference: each header, with what it says first."""
    done = ["# Reference {#reference}", "",
            "Every header that users see, by room, in reading order. "
            "`greenroom/greenroom.hpp` includes them, except for what needs "
            "OpenSSL, ZeroMQ or Boost.Asio. To look for a name, type it at the "
            "top of the page.", ""]
    room = None
    for path in paths:
        folder = os.path.dirname(path)
        if folder != room:
            room = folder
            name = folder or "greenroom"
            page = name_of(f"{name}/README.md")
            done += ["", f"## {name} {{#reference_{page}}}", ""]
            if folder:
                done += [f"[About this room](@ref {page})", ""]
        done.append(f"- [{os.path.basename(path)}](@ref greenroom/{path}): "
                    f"{abouts[path]}")
    return "\n".join(done) + "\n"


def list_of_decisions(paths, titles):
    done = ["# Decisions {#docs_decisions}", "",
            "What was decided, why, and what it costs.", ""]
    done += [f"- [{title}](@ref {name_of(path)})"
             for path, title in zip(paths, titles)]
    return "\n".join(done) + "\n"

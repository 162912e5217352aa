"""How the headers of the library are laid out for Doxygen.

The headers are written for people who open them. This makes a copy of each that
says the same to Doxygen:
- What users do not see is left out: namespace greenroom::detail, what is
  private, friends that are classes, and what functions do. A header with
  nothing else is left out.
- The words at the top of a header become those of its page, and those of the
  class that they begin with.
- A public base in greenroom::detail goes into the class that derives from it.
- An overload right below another one has the comment of that.
"""

import os
import re

import comments
import cpp
from cpp import Line

ROOMS = ("runtime", "messaging", "actors")
FORWARD = re.compile(r"(namespace .*|\}.*|(class|struct) \w+;|template <.*>|"
                     r"//.*|)$")
DETAIL = re.compile(r"(?:\w+ )?(?:greenroom::)?detail::(\w+)(?:<(\w+)>)?")


def find_all(root):
    """The paths of all headers, in the reading order of the CMakeLists.txt."""
    def room(folder):
        with open(os.path.join(root, folder, "CMakeLists.txt")) as text:
            listing = text.read()
        nouns = re.search(r"greenroom_room\(([^)]*)\)", listing)
        order = [noun + ".hpp" for noun in (nouns[1].split() if nouns else [])]
        there = sorted(file for file in os.listdir(os.path.join(root, folder))
                       if file.endswith(".hpp"))
        there.sort(key=lambda file: order.index(file) if file in order else -1)
        yield from (f"{folder}/{file}" for file in there)
        for below in re.findall(r"add_subdirectory\((\w+)\)", listing):
            yield from room(f"{folder}/{below}")

    return ["greenroom.hpp"] + [path for top in ROOMS for path in room(top)]


def read(root, path):
    with open(os.path.join(root, path)) as text:
        return [Line(re.sub(r"\bGREENROOM_[A-Z]+ ", "", line.rstrip("\n")), number)
                for number, line in enumerate(text, 1)]


# ---- Leaving out -------------------------------------------------------------

def without_private(lines):
    """Leaves out what stands below `private:`, and friends that are classes."""
    kept, hidden_at = [], None
    for line in lines:
        indent = len(line.text) - len(line.text.lstrip())
        if hidden_at is not None and line.text and indent <= hidden_at:
            hidden_at = None
        if line.text.strip() == "private:" and hidden_at is None:
            hidden_at = indent
        if hidden_at is None and not re.match(
                r"\s*friend (class |struct |[\w:]+(<.*>)?;)", line.text):
            kept.append(line)
    return kept


def without_nested_definitions(lines):
    """Leaves out `class A::B { ... };`: A's page is about A."""
    kept, inside = [], False
    for line in lines:
        if re.match(r"(class|struct) \w+(<.*>)?::", line.text):
            while kept and kept[-1].text.startswith(("template", "//")):
                kept.pop()
            inside = True
        if not inside:
            kept.append(line)
        elif line.text == "};":
            inside = False
    return kept


def without_bodies(lines):
    """Leaves out what functions do, which only confuses Doxygen, and all of
    `A::f() { ... }`, which was declared before."""
    kept = []
    for part, is_body in cpp.outside_and_inside(lines):
        if is_body is None:
            kept += part
            continue
        for chunk in cpp.chunks(part):
            if is_body or ("::" not in (cpp.name_in(chunk) or "") and not
                           chunk[0].text.startswith("static_assert")):
                kept += cpp.without_body(chunk)
    return kept


# ---- Bases -------------------------------------------------------------------

class Base:
    """A class of greenroom::detail that others may derive from."""

    def __init__(self, parameter, head, body):
        self.parameter = parameter
        self.bases = " ".join(line.text.strip() for line in head).rstrip(
            " {").partition(" : ")[2]
        name = cpp.CLASS.match(head[0].text)[1]
        own = re.compile(rf"(^|[^\w]){name}(\(|&)")
        self.members = [
            line for chunk in cpp.chunks(public_part(body))
            if not own.search("".join(cpp.bare(line.text) for line in chunk))
            for line in chunk]

    def with_argument(self, text, argument):
        if self.parameter is None or argument is None:
            return text
        return re.sub(rf"\b{self.parameter}\b", argument, text)


def public_part(body):
    part = []
    for line in body:
        if line.text in (" protected:", " private:"):
            break
        if line.text != " public:":
            part.append(line)
    return part


def bases_in(lines):
    """The classes of greenroom::detail in these lines, by name."""
    inside = [line for line, names in cpp.by_namespace(lines)
              if names[:1] == ["greenroom"] and "detail" in names]
    found = {}
    for at, head, body in cpp.classes(inside):
        template = re.match(r"template <.*?(\w+)>$", inside[at - 1].text)
        found[cpp.CLASS.match(head[0].text)[1]] = Base(
            template and template[1], head, body)
    return found


def with_bases(lines, bases):
    """Puts the members of public bases in detail into the classes that derive
    from them. Bases that are not public are not shown."""
    done, last = [], 0
    for at, head, body in cpp.classes(lines):
        whole = " ".join(line.text.strip() for line in head).rstrip(" {")
        before, colon, parents = whole.partition(" : ")
        if not colon:
            continue
        shown, members = [], []
        for parent in re.split(r", (?=public |protected |private )", parents):
            found = DETAIL.match(parent)
            base = bases.get(found[1]) if found else None
            if not parent.startswith("public "):
                continue
            if base is None:
                shown.append(parent)
                continue
            if base.bases:
                shown.append(base.with_argument(base.bases, found[2]))
            members += [Line(base.with_argument(text, found[2]), number)
                        for text, number in base.members]
        shown = [parent for parent in shown if parent.startswith("public ")]
        done += lines[last:at]
        done.append(Line(before + (" : " if shown else "") + ", ".join(shown) +
                         " {", head[0].number))
        done += body
        if members:
            done += [Line("", 0), Line(" public:", 0)] + members
        last = at + len(head) + len(body)
    return done + lines[last:]


# ---- A header ----------------------------------------------------------------

def for_doxygen(path, lines, bases):
    """The copy of a header that Doxygen reads; empty if users see nothing."""
    code = [line for line, names in cpp.by_namespace(lines)
            if names[:1] == ["greenroom"] and "detail" not in names]
    if all(FORWARD.match(line.text) for line in code) and (
            path != "greenroom.hpp"):
        return []
    words = comments.about(lines)
    code = without_nested_definitions(without_private(code))
    code = without_bodies(with_bases(code, bases))
    code = comments.told_to_overloads(code)
    code = comments.told_to_class(code, words)
    page = [Line(f"@file {os.path.basename(path)}", 1)]
    return (comments.as_comment(page + comments.paragraphs(words)) +
            [Line("", 1)] + comments.readable(code))

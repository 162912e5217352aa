"""C++ as the formatter leaves it, read by the line: enough to tell namespaces,
classes and declarations apart."""

import collections
import itertools
import re

Line = collections.namedtuple("Line", "text number")  # number: in the header

NAMESPACE = re.compile(r"namespace ([\w:]+) \{")
CLASS = re.compile(r"(?:class|struct) (\w+)(?: final)?(?: :(?!:)|$| \{)")
NOT_CODE = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'|//.*')
CONDITION = re.compile(r"(template <.*?> )?requires requires\(.*?\) "
                       r"\{.*?\}(?= \w| \[|$)")
NAME = re.compile(r"(?!decltype|requires)(?<!\w)"
                  r"((?:\w+(?:<[\w, ]+>)?::)*(?:~?\w+|operator\S+)) ?\(")


def bare(text):
    """Code without strings and comments."""
    return NOT_CODE.sub("", text)


def depth_change(text, opening, closing):
    return (sum(map(bare(text).count, opening)) -
            sum(map(bare(text).count, closing)))


def by_namespace(lines):
    """Yields each line, and the names of the namespaces that it is in."""
    depth, open_spaces = 0, []
    for line in lines:
        opened = NAMESPACE.match(line.text)
        if opened:
            open_spaces.append((depth, opened[1].split("::")))
        yield line, [name for _, space in open_spaces for name in space]
        depth += depth_change(line.text, "{", "}")
        while open_spaces and open_spaces[-1][0] >= depth:
            open_spaces.pop()


def classes(lines):
    """Yields (at, head, body) of each class: its lines up to `{`, and the lines
    between that and `};`."""
    at = 0
    while at < len(lines):
        if CLASS.match(lines[at].text) and not lines[at].text.endswith(";"):
            start = at
            while not lines[at].text.endswith("{"):
                at += 1
            end = at + 1
            while lines[end].text != "};":
                end += 1
            yield start, lines[start:at + 1], lines[at + 1:end]
            at = end
        at += 1


def outside_and_inside(lines):
    """Yields (lines, False) for what is outside of classes, (head, None) and
    (body, True) for each class."""
    last = 0
    for at, head, body in classes(lines):
        yield lines[last:at], False
        yield head, None
        yield body, True
        last = at + len(head) + len(body)
    yield lines[last:], False


def chunks(lines):
    """Splits the body of a class, or what is outside of classes, into
    declarations, each with the comment above it."""
    chunk, depth = [], 0
    for line in lines:
        if not chunk and re.match(r"\s*$|namespace |\}", line.text):
            yield [line]
            continue
        chunk.append(line)
        depth += depth_change(line.text, "{(", "})")
        if depth == 0 and re.search(r"([;}]|^ \w+:)\s*$", bare(line.text)) and (
                not CONDITION.fullmatch(code_of(chunk))):
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def code_of(chunk):
    """The code of a chunk in one line."""
    def kept(found):
        return "" if found[0].startswith("//") else found[0]
    lines = (NOT_CODE.sub(kept, line.text).strip() for line in chunk)
    return " ".join(line for line in lines if line)


def name_in(chunk):
    """The name of the function that a chunk declares, or None."""
    code = code_of(chunk)
    found = NAME.search(code if "operator" in code else code.split(" = ")[0])
    return found and found[1]


def without_body(chunk):
    """A function's chunk without what stands in { }, the code in one line."""
    comment = list(itertools.takewhile(
        lambda line: re.match(r"\s*(//|$)", line.text), chunk))
    code = code_of(chunk)
    condition = CONDITION.match(code)
    name = NAME.search(code, condition.end() if condition else 0)
    if name_in(chunk) is None or re.match(r"(template <.*?> )?(class|struct) ",
                                          code):
        return chunk
    depth = 0
    for at in range(name.end() - 1, len(code)):
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        if depth == 0 and (code[at] == "{" or code[at:at + 3] == " : "):
            code = code[:at].rstrip() + ";"
            break
    first = chunk[len(comment)]
    indent = first.text[:len(first.text) - len(first.text.lstrip())]
    return comment + [Line(indent + code, first.number)]

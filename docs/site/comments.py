"""The comments of a header, in the words that Doxygen understands."""

import re

import cpp
from cpp import Line

LABEL = re.compile(r"(Thread rule[\w ]*|Order|Errors|Throws|Any thread|"
                   r"Kill(?:,? (?:and )?Timeout)?):(?!:)")


def escaped(text):
    """Plain words, so that Doxygen finds no commands in them. It looks for
    none in quotes."""
    parts = re.split(r"(`[^`]*`|\"[^\"]*\")", text)
    return "".join(part if part[:1] in ("`", '"') else
                   re.sub(r"<(?=[\w/])|[@\\%]", r"\\\g<0>", part)
                   for part in parts)


def paragraphs(words):
    """A label begins a paragraph; what is set in by two blanks is code."""
    done, code = [], []

    def put(text, number):
        if text or (done and done[-1].text):
            done.append(Line(text, number))

    for word in words + [Line("end", 0)]:
        if word.text.startswith("  ") or (code and not word.text):
            code.append(Line(word.text[2:], word.number))
            continue
        if code:
            while not code[-1].text:
                code.pop()
            done.append(Line("@code{.cpp}", code[0].number))
            done += code
            done.append(Line("@endcode", code[-1].number))
            code = []
        text = escaped(word.text)
        label = LABEL.match(text)
        ended = done and re.search(r"([.)]|@endcode)$", done[-1].text)
        if ended and (label or text.startswith("Behaves as")):
            put("", word.number)
        if label and (ended or not done or not done[-1].text):
            text = f"**{label[0]}**{text[label.end():]}"
        put(text, word.number)
    return done[:-1]


def as_comment(words, indent=""):
    return [Line(f"{indent}/// {word.text}".rstrip(), word.number)
            for word in words]


def readable(lines):
    """Each block of /// in its paragraphs."""
    done, block, indent = [], [], ""
    for line in lines + [Line("", 0)]:
        comment = re.match(r"(\s*)/// ?(?!<)(.*)", line.text)
        if comment:
            block.append(Line(comment[2], line.number))
            indent = comment[1]
            continue
        done += as_comment(paragraphs(block), indent) if block else []
        block = []
        if "///<" in line.text:
            code, _, words = line.text.partition("///<")
            line = Line(f"{code}///<{escaped(words)}", line.number)
        done.append(line)
    return done[:-1]


def about(lines):
    """The words at the top of a header."""
    words = []
    for line in lines:
        if not line.text.startswith("//"):
            return words
        words.append(Line(line.text[3:], line.number))
    return words


def told_to_overloads(lines):
    """An overload right below another one gets the comment of that, and end()
    below begin() gets one, too. Constructors do not: each does something else.
    """
    done = []
    for part, _ in cpp.outside_and_inside(lines):
        last_name, comment = None, []
        for chunk in cpp.chunks(part):
            words = [line for line in chunk
                     if line.text.lstrip().startswith("///")]
            name = cpp.name_in(chunk)
            if words or name is None or not name[0].islower():
                comment = words
            elif name == last_name:
                done += comment
            elif (last_name, name) == ("begin", "end"):
                done.append(Line("/// Where the loop over begin() ends.",
                                 chunk[0].number))
            else:
                comment = []
            last_name = name
            done += chunk
    return done


def told_to_class(lines, words):
    """The class with whose name the words at the top of the header begin gets
    them: what it is, then its own comment, then the rules."""
    for at, head, _ in cpp.classes(lines):
        name = cpp.CLASS.match(head[0].text)[1]
        first = words[0].text if words else ""
        if not re.match(rf"((An?|The) )?(\w+::)?{name}\b", first):
            continue
        rules = next((i for i, word in enumerate(words)
                      if LABEL.match(word.text)), len(words))
        start = at
        while lines[start - 1].text.startswith(("template", "requires", "  ")):
            start -= 1
        own_from = start
        while lines[own_from - 1].text.startswith("///"):
            own_from -= 1
        own = [Line(line.text[4:], line.number)
               for line in lines[own_from:start]]
        blank = [Line("", words[0].number)]
        return (lines[:own_from] +
                as_comment(words[:rules] + blank + own + blank + words[rules:]) +
                lines[start:])
    return lines

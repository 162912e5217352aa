"""Looks at every link of the site, those of its search included."""

import collections
import html.parser
import json
import os
import urllib.parse

LOADS = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"),
         ("object", "data"), ("source", "src")}


class Page(html.parser.HTMLParser):
    """The anchors of a page, and where its links lead."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.links, self.loads = set(), [], []
        with open(path) as page:
            self.feed(page.read())

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            if (tag, name) in LOADS:
                self.loads.append(value)
            elif tag == "a" and name == "href":
                self.links.append(value)


def faults(site):
    """A line for each link that leads nowhere, and for each thing that a page
    would load from elsewhere."""
    pages = {file: Page(os.path.join(site, file))
             for file in sorted(os.listdir(site)) if file.endswith(".html")}
    with open(os.path.join(site, "names.js")) as names:
        text = names.read().partition("=")[2].rstrip(";\n")
    pages["index.html"].links += [page for _, page in json.loads(text)]

    found = collections.defaultdict(list)
    for file, page in pages.items():
        for link in page.loads + page.links:
            there = urllib.parse.urlsplit(link)
            if there.scheme or there.netloc:
                if link in page.loads:
                    found[f"it loads {link}"].append(file)
                continue
            to = urllib.parse.unquote(there.path) or file
            if not os.path.exists(os.path.join(site, to)):
                found[f"it links to {to}, which is not there"].append(file)
            elif there.fragment and to in pages and (
                    there.fragment not in pages[to].anchors):
                found[f"it links to {link}, where there is no such place"
                      ].append(file)
    return [f"{files[0]} ({len(files)} pages): {what}"
            for what, files in found.items()]

# SPDX-License-Identifier: Apache-2.0
"""Renders LAVA device dictionaries over device-type templates, as LAVA's own environment does.

stdin: one JSON object
    folders   where templates lie; the first that has a name wins
    texts     {name: template}, before the folders
    limits    bytes (of one template, and of one rendered text), seconds (of processor time for one item), memory
    items     [{name, text, variables}]: dictionaries
stdout: a line of JSON for each item, in their order: {"text"} or {"problem", "template", "line", "missing",
    perhaps "syntax"}; or one line {"module"} when Python lacks what this needs.

Templates come from whoever may upload them. They are read here, then rendered by a forked child that can open
nothing any more: no file, no socket, no program. What one item breaks (a crash, its time) costs that item alone.
"""
import codecs
import json
import os
import re
import resource
import shlex
import signal
import stat
import sys

try:
    module = "jinja2"
    import jinja2
    import jinja2.debug  # Jinja loads it at the first mistake, when nothing can be opened any more
    import jinja2.sandbox

    module = "yaml"
    import yaml
except ImportError:
    print(json.dumps({"module": module}))
    sys.exit(0)

for name in ("ascii", "latin-1", "unicode-escape"):
    codecs.lookup(name)  # as with jinja2.debug

most_templates = 10000
most_bytes = 64 << 20  # of all templates together
quoted = re.compile(r"""["']([^"'\n]{1,255})["']""")
# A name that is computed can be any file of the folders.
computed = re.compile(r"""\{%[-+]?\s*(?:extends|include|import|from)\s+(?!["'][^"'\n]*["']\s*(?:[-+]?%\}|import\b|ignore\b|with|as\b))""")


class Problem(Exception):
    def __init__(self, text, template="", line=0, missing=""):
        super().__init__(text)
        self.answer = {"problem": text, "template": template, "line": line, "missing": missing}


class Templates(jinja2.BaseLoader):
    """All texts that a batch can need, in memory."""

    def __init__(self, request):
        self.folders = request["folders"]
        self.limit = request["limits"]["bytes"]
        self.texts = dict(request["texts"])
        self.bad = {}
        self.seen = set()
        self.total = 0

    def take_what_is_named_in(self, text):
        waiting = [text]
        while waiting:
            text = waiting.pop()
            names = self.all_names() if computed.search(text) else quoted.findall(text)
            for name in names:
                if name in self.seen:
                    continue
                self.seen.add(name)
                if name not in self.texts:
                    self.read(name)
                if name in self.texts:
                    waiting.append(self.texts[name])

    def all_names(self):
        names = set()
        for folder in self.folders:
            try:
                names.update(entry.name for entry in os.scandir(folder) if entry.name.endswith(".jinja2"))
            except OSError:
                pass
        return sorted(names)[:most_templates]

    def read(self, name):
        if name.startswith("/") or "\0" in name or ".." in name.split("/"):
            return
        for folder in self.folders:
            path = os.path.join(folder, name)
            try:
                found = os.stat(path)
                if not stat.S_ISREG(found.st_mode):
                    continue
                if found.st_size > self.limit:
                    self.bad[name] = f"is larger than {self.limit} bytes"
                elif self.total + found.st_size > most_bytes:
                    self.bad[name] = "is one too many: all templates together have more than 64 MiB"
                else:
                    with open(path, "rb") as file:
                        self.texts[name] = file.read(self.limit).decode()
                    self.total += found.st_size
            except FileNotFoundError:
                continue
            except UnicodeDecodeError:
                self.bad[name] = "is not UTF-8"
            except OSError as error:
                self.bad[name] = f"cannot be read: {error.strerror}"
            return

    def get_source(self, environment, name):
        if name in self.bad:
            raise Problem(f"template '{name}' {self.bad[name]}", name)
        if name not in self.texts:
            raise jinja2.TemplateNotFound(name)
        return self.texts[name], name, lambda: True


def yaml_quote(value):
    """One line of YAML, each text in double quotes."""
    text = yaml.safe_dump(value, default_flow_style=True, default_style='"', width=float("inf"))
    return text.removesuffix("\n").removesuffix("\n...")


def qemu_guest_fs_interface(arch, chosen=None):
    """Only PCs have IDE."""
    return chosen or ("ide" if arch in ("x86_64", "amd64", "i386") else "virtio")


def make_environment(templates):
    environment = jinja2.sandbox.SandboxedEnvironment(
        loader=templates, autoescape=False, trim_blocks=True, cache_size=-1, auto_reload=False)
    environment.filters["yaml_quote"] = yaml_quote
    environment.filters["shlex_quote"] = shlex.quote
    environment.filters["qemu_guest_fs_interface"] = qemu_guest_fs_interface
    return environment


def place_of(error, names):
    """The innermost line of a template that was at work."""
    place = ("", 0)
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name in names:
            place = (name, trace.tb_lineno)
        trace = trace.tb_next
    return place


def render(environment, templates, item, limits):
    name = item["name"]
    names = {name, *templates.texts}
    try:
        source = environment.compile(item["text"], name, name)
        template = jinja2.Template.from_code(environment, source, environment.make_globals(None))
        text = []
        left = limits["bytes"]
        for piece in template.generate(item["variables"]):
            left -= len(piece)
            if left < 0:
                raise Problem(f"makes more than {limits['bytes']} characters", name)
            text.append(piece)
        return {"text": "".join(text)}
    except Problem as problem:
        return problem.answer
    except jinja2.TemplateSyntaxError as error:
        return {**Problem(error.message or "wrong syntax", error.name or name, error.lineno).answer, "syntax": True}
    except jinja2.TemplateNotFound as error:
        missing = str(error.name)
        return Problem(f"there is no template '{missing}'", *place_of(error, names), missing).answer
    except MemoryError:
        return Problem(f"needs more than {limits['memory'] >> 20} MiB of memory", name).answer
    except RecursionError:
        return Problem("its templates use each other in a circle, or nest too deep", name).answer
    except Exception as error:  # a template can raise whatever Python can
        return Problem(str(error) or type(error).__name__, *place_of(error, names)).answer


def give_up_rights(limits):
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # what is open stays so


def work(environment, templates, items, limits, pipe):
    give_up_rights(limits)
    for item in items:
        signal.setitimer(signal.ITIMER_PROF, limits["seconds"])  # ends us also inside of one long computation
        answer = json.dumps(render(environment, templates, item, limits)).encode() + b"\n"
        while answer:
            answer = answer[os.write(pipe, answer):]


def fate_of(status, limits):
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
        return f"takes more than {limits['seconds']} s of processor time"
    return "cannot be rendered: Python ended " + (
        f"by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"with {os.waitstatus_to_exitcode(status)}")


def render_all(environment, templates, items, limits):
    """Yields a line for each item."""
    done = 0
    while done < len(items):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.close(reader)
                work(environment, templates, items[done:], limits, writer)
                code = 0
            except BaseException:  # it is told by our end
                pass
            os._exit(code)
        os.close(writer)
        with os.fdopen(reader, "rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    done += 1
                    yield line
        _, status = os.waitpid(child, 0)
        if done < len(items):
            item = items[done]
            done += 1
            yield json.dumps(Problem(fate_of(status, limits), item["name"]).answer).encode() + b"\n"


def main():
    request = json.load(sys.stdin.buffer)
    templates = Templates(request)
    for item in request["items"]:
        templates.take_what_is_named_in(item["text"])
    environment = make_environment(templates)
    for line in render_all(environment, templates, request["items"], request["limits"]):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


main()

"""Makes the wheel for pip: tapestry.py, the library that Swift has built, and the trained weights.

A wheel is a ZIP archive with three files that say what it is, so no package is needed to write one.
"""

import base64
import hashlib
import os
import re
import sys
import sysconfig
import zipfile

_HERE = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(_HERE)
_LIBRARY = "libtapestry.dylib" if sys.platform == "darwin" else "libtapestry.so"


def _field(name):
    """A text of pyproject.toml's project; Python has read TOML itself only since 3.11."""
    with open(os.path.join(_HERE, "pyproject.toml"), encoding="utf-8") as file:
        return re.search(rf'^{name} = "(.*)"$', file.read(), re.MULTILINE).group(1)


def _contents():
    """What goes into the wheel's package: names and files."""
    library = os.path.join(_ROOT, ".build", "release", _LIBRARY)
    if not os.path.exists(library):
        sys.exit(f"{library} is not there; build it: swift build -c release --product tapestry")
    weights = os.path.join(_ROOT, "Sources", "Zoo", "Pretrained", "Resources", "Weights")
    yield "__init__.py", os.path.join(_HERE, "tapestry.py")
    yield "tapestry.h", os.path.join(_HERE, "tapestry.h")
    yield _LIBRARY, library
    for name in sorted(os.listdir(weights)):
        yield f"weights/{name}", os.path.join(weights, name)
    yield "LICENSE", os.path.join(_ROOT, "LICENSE")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Called by pip; gives the wheel's name."""
    name, version = _field("name"), _field("version")
    tag = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())
    information = f"{name}-{version}.dist-info"
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        f"Summary: {_field('description')}\nRequires-Python: {_field('requires-python')}\n"
        "Requires-Dist: numpy\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tapestry\nRoot-Is-Purelib: false\n"
        f"Tag: {tag}\n",
    }
    records = []
    file = f"{name}-{version}-{tag}.whl"
    path = os.path.join(wheel_directory, file)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:

        def add(place, content):
            wheel.writestr(place, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest())
            records.append(f"{place},sha256={digest.decode().rstrip('=')},{len(content)}\n")

        for place, source in _contents():
            with open(source, "rb") as content:
                add(f"{name}/{place}", content.read())
        for place, text in texts.items():
            add(f"{information}/{place}", text.encode())
        wheel.writestr(f"{information}/RECORD", "".join(records) + f"{information}/RECORD,,\n")
    return file


def build_sdist(sdist_directory, config_settings=None):
    """Called by pip where it wants sources."""
    raise NotImplementedError("sources are the repository: pip install ./Python")

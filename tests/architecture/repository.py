"""The files of the project, as the architecture rules see them."""

import functools
import os
import pathlib
import subprocess

CPP = (".cpp", ".hpp")


class Repository:
    """A folder with the project's files. Ignores what git ignores; outside of git, build folders and hidden ones."""

    def __init__(self, root):
        self.root = pathlib.Path(root)

    @functools.cached_property
    def files(self):
        """Paths relative to the root, with slashes, sorted."""
        listed = self._from_git() if (self.root / ".git").exists() else self._from_disk()
        return sorted(path for path in listed if (self.root / path).is_file())

    def _from_git(self):
        git = ["git", "-C", str(self.root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        return subprocess.run(git, check=True, capture_output=True, text=True).stdout.split("\0")

    def _from_disk(self):
        for folder, subfolders, names in os.walk(self.root):
            subfolders[:] = [name for name in subfolders if name != "build" and not name.startswith(".")]
            for name in names:
                yield (pathlib.Path(folder) / name).relative_to(self.root).as_posix()

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def lines(self, path):
        return self.text(path).splitlines()

    def cpp(self, *top_folders):
        """C++ files below the given top-level folders; all if none is given."""
        return [path for path in self.files
                if path.endswith(CPP) and (not top_folders or path.split("/")[0] in top_folders)]

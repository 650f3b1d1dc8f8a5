"""LibreOffice in a language: opens files and saves them in other forms, many in one run.

Where it is missing, tests skip, and fail in CI.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_MISSING = (
    "LibreOffice Calc is not on this machine (on Debian: apt-get install --no-install-recommends"
    " libreoffice-calc)"
)
_SECONDS = 180

XLSX, ODS, CSV = "Calc MS Excel 2007 XML", "calc8", "Text - txt - csv (StarCalc)"
COMMA, SEMICOLON = (f"{sign},34,76,1,,0,false,true,false" for sign in (44, 59))
"""How a CSV is saved: UTF-8, quotation marks where they are needed, cells as they are shown."""
PROPOSED, SPECIAL = "44,34,76,1", "44,34,76,1,,0,false,true"
"""How a CSV with commas is opened: as the dialogue proposes, and with its box "detect special
numbers" ticked, as Excel always does.
"""

_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{locale}</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooLocale" oor:op="fuse"><value>en-US</value></prop></item>
<item oor:path="/org.openoffice.Setup/Office"><prop oor:name="ooSetupInstCompleted" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""
# the last line: a first start would put empty macros in place of ours
_LIBRARIES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library">
<library:library library:name="Standard" library:link="false"/>
</library:libraries>
"""
_LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false">
<library:element library:name="Jobs"/>
</library:library>
"""
# one process for all files: to start it takes longer than to convert
_MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Jobs" script:language="StarBasic">
Function Prop(name As String, value)
  Dim made As New com.sun.star.beans.PropertyValue
  made.Name = name
  made.Value = value
  Prop = made
End Function

Sub Convert
  Dim job As String
  number = FreeFile
  Open Environ("SPREADSHEET_JOBS") For Input As #number
  While Not Eof(number)
    Line Input #number, job
    part = Split(job, Chr(9))
    If UBound(part) = 5 Then
      doc = StarDesktop.loadComponentFromURL(part(0), "_blank", 0, _
        Array(Prop("Hidden", True), Prop("FilterName", part(1)), Prop("FilterOptions", part(2))))
      doc.storeToURL(part(3), Array(Prop("FilterName", part(4)), Prop("FilterOptions", part(5))))
      doc.close(True)
    End If
  Wend
  Close #number
  StarDesktop.terminate()
End Sub
</script:module>
"""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to open by a filter with its options, and the file that it is saved as."""

    source: Path
    opened: tuple[str, str]
    target: Path
    saved: tuple[str, str]

    @property
    def line(self) -> str:
        """As the macro reads it."""
        return "\t".join((self.source.as_uri(), *self.opened, self.target.as_uri(), *self.saved))


def convert(folder: Path, locale: str, jobs: Sequence[Job]) -> None:
    """Runs LibreOffice once, set to this language (`vi-VN`), with a profile of its own below
    `folder`.
    """
    program = shutil.which("soffice")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    profile = folder / f"libreoffice-{locale}"
    library = profile / "user" / "basic" / "Standard"
    library.mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS.format(locale=locale))
    (library.parent / "script.xlc").write_text(_LIBRARIES)
    (library / "script.xlb").write_text(_LIBRARY)
    (library / "Jobs.xba").write_text(_MODULE)
    list_of_jobs = folder / f"jobs-{locale}"
    list_of_jobs.write_text("".join(f"{job.line}\n" for job in jobs))
    command = [
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        "--headless",
        "--norestore",
        "macro:///Standard.Jobs.Convert",
    ]
    environment = {**os.environ, "SPREADSHEET_JOBS": str(list_of_jobs), "HOME": str(folder)}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=_SECONDS)
    missing = [job.target.name for job in jobs if not job.target.exists()]
    assert not missing, f"LibreOffice did not save {missing}"

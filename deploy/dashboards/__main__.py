"""`python -m deploy.dashboards` writes the dashboards' files."""

from deploy.dashboards.document import FOLDER, documents

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(FOLDER / name)

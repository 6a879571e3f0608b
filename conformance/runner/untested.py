"""The rules that no test can ask about, each with the reason."""

UNTESTED = {
    "AUTH-10": "it takes 14 days, and a key made for it",
}

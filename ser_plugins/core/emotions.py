"""The one vocabulary of emotion words, and the spellings that mean one of them."""

EMOTIONS = (
    "neutral",
    "calm",
    "happy",
    "excited",
    "sad",
    "angry",
    "fearful",
    "disgusted",
    "surprised",
    "bored",
    "frustrated",
    "other",
)

_SPELLINGS = {
    "neutral": "neutrality neu ntr",
    "calm": "calmness",
    "happy": "happiness joy joyful hap",
    "excited": "excitement exc",
    "sad": "sadness",
    "angry": "anger ang",
    "fearful": "fear afraid scared anxiety anxious fea",
    "disgusted": "disgust dis",
    "surprised": "surprise sur ps pleasant_surprise pleasant_surprised",
    "bored": "boredom",
    "frustrated": "frustration fru",
    "other": "others oth",
}
_CANONICAL = {word: word for word in EMOTIONS} | {
    spelling: word for word, spellings in _SPELLINGS.items() for spelling in spellings.split()
}


def canonical(word: str) -> str:
    """Return the vocabulary's word for a known spelling, whatever its case; any other unchanged.

    >>> canonical("Happiness"), canonical("low arousal")
    ('happy', 'low arousal')
    """
    plain = word.strip().lower().replace(" ", "_").replace("-", "_")
    return _CANONICAL.get(plain, word.strip())

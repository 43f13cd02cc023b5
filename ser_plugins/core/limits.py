"""What a system is not for: one text, for its page and for its card."""

DECISIONS = (
    "It must not be used for decisions about people: at work, in schools, in hiring, insurance, "
    "credit, health care, policing or border control. In the European Union, inferring emotions at "
    "work and in education is prohibited, but for medical or safety reasons (Regulation 2024/1689, "
    "Article 5)."
)
LIMITS = (
    "It names the emotion that a voice sounds like by the labels of the recordings that it has "
    "learned from, which mostly say what an actor meant to show. It does not tell what a person "
    "feels.",
    "Expect it to be worse on other languages, ages, accents, microphones and rooms than those of "
    "its recordings, and on spontaneous speech, and unevenly so for different people.",
    DECISIONS,
    "Nobody should be listened to by it without knowing, and agreeing.",
)

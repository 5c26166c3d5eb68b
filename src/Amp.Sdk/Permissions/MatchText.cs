namespace Amp.Permissions;

/// <summary>Checks strings of a rule for characters that would not reach the CLI unchanged.</summary>
internal static class MatchText
{
    /// <param name="text">The string.</param>
    /// <param name="optionName">The option that contains it.</param>
    /// <param name="place">Its place in the option, for the error: <c>Match.cmd[2]</c>.</param>
    /// <exception cref="AmpValidationException">The string contains a NUL character or half a surrogate pair.</exception>
    public static void Check(string text, string optionName, string place)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0')
            {
                throw new AmpValidationException($"{place} has a NUL character.", optionName, "Remove it from the text.");
            }

            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                // JSON in UTF-8 cannot contain it: another character would be written instead.
                throw new AmpValidationException(
                    $"{place} has an incomplete character (U+{(int)text[i]:X4}) at position {i + 1}.",
                    optionName,
                    "Give complete characters: the text was cut in the middle of one.");
            }
        }
    }
}

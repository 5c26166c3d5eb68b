namespace Amp.Text;

/// <summary>
/// Truncates text without splitting a surrogate pair: half of one is not valid in JSON or UTF-8, and is shown as a replacement character.
/// </summary>
/// <remarks>Remove secrets first: a part of a secret is not found.</remarks>
internal static class TruncatedText
{
    private const string Ellipsis = "…";

    /// <summary>Returns the beginning of a text, with an ellipsis if something was cut.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The most UTF-16 characters of it, without the ellipsis.</param>
    public static string Shown(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, LengthWithin(text, most)), Ellipsis);

    /// <summary>Returns the end of a text, after an ellipsis if something was cut.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The most UTF-16 characters of it, without the ellipsis.</param>
    public static string ShownEnd(string text, int most) => text.Length <= most ? text : string.Concat(Ellipsis, text.AsSpan(StartAfter(text, text.Length - most)));

    /// <summary>Returns the beginning of a text.</summary>
    public static string Start(string text, int most) => text.Length <= most ? text : text[..LengthWithin(text, most)];

    /// <summary>Returns the number of characters, at most <paramref name="most"/>, after which a text can be cut.</summary>
    public static int LengthWithin(ReadOnlySpan<char> text, int most) =>
        text.Length <= most ? text.Length : most > 0 && char.IsHighSurrogate(text[most - 1]) && char.IsLowSurrogate(text[most]) ? most - 1 : most;

    /// <summary>Returns the first place, <paramref name="start"/> or later, from which the rest of a text can be read.</summary>
    public static int StartAfter(ReadOnlySpan<char> text, int start) =>
        start > 0 && start < text.Length && char.IsLowSurrogate(text[start]) && char.IsHighSurrogate(text[start - 1]) ? start + 1 : start;
}

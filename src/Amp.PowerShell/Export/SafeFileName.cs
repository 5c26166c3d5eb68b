using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Amp.PowerShell.Export;

/// <summary>
/// Creates file names for threads that are valid on every system: without forbidden characters or device names of Windows, and short
/// enough. The thread ID makes each name unique, even if case is ignored.
/// </summary>
internal static partial class SafeFileName
{
    // With the ID and the extension, it has less than 143 bytes, which is the limit of encrypted home folders on Linux.
    private const int LongestTitle = 90;

    private const string Forbidden = "<>:\"/\\|?*";

    /// <summary>Combines the title, the ID and the extension.</summary>
    public static string Of(string? title, string id, string extension)
    {
        string readable = Readable(title ?? string.Empty);
        string name = (readable.Length == 0 ? id : $"{readable} {id}") + extension;
        return DevicePattern().IsMatch(name) ? "_" + name : name;
    }

    private static string Readable(string title)
    {
        StringBuilder kept = new(title.Length);
        foreach (Rune rune in title.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                kept.Append(' ');
            }
            else if (category is not (UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned))
            {
                kept.Append(rune.IsBmp && Forbidden.Contains((char)rune.Value, StringComparison.Ordinal) ? "_" : rune.ToString());
            }
        }

        // macOS stores names in another normal form. All other systems compare with the composed one.
        string clean = BlanksPattern().Replace(kept.ToString().Normalize(NormalizationForm.FormC), " ");
        return Cut(clean.TrimStart(' ', '.', '-', '~')).TrimEnd(' ', '.');
    }

    // Whole characters as displayed, including accents and the parts of an emoji.
    private static string Cut(string text)
    {
        StringBuilder result = new();
        int bytes = 0;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext() && (bytes += Encoding.UTF8.GetByteCount(elements.GetTextElement())) <= LongestTitle)
        {
            result.Append(elements.GetTextElement());
        }

        return result.ToString();
    }

    [GeneratedRegex(" {2,}", RegexOptions.CultureInvariant)]
    private static partial Regex BlanksPattern();

    // Windows uses the part before the first dot.
    [GeneratedRegex(@"\A(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *\.", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DevicePattern();
}

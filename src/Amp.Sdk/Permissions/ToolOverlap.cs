using System.Buffers;

namespace Amp.Permissions;

/// <summary>Compares the tool patterns of two permission rules, ignoring case, as the CLIs of 2026 do.</summary>
internal static class ToolOverlap
{
    // A backslash too: what it escapes, only the CLI knows.
    private static readonly SearchValues<char> s_special = SearchValues.Create("*?{}[]()!+@|\\");

    /// <summary>Returns whether both patterns may match the same tool. False only if this is certain.</summary>
    public static bool IsPossible(string first, string second)
    {
        string start = LiteralStart(first);
        string otherStart = LiteralStart(second);
        bool firstIsName = start.Length == first.Length;
        bool secondIsName = otherStart.Length == second.Length;
        return firstIsName && secondIsName
            ? first.Equals(second, StringComparison.OrdinalIgnoreCase)

            // Different beginnings exclude each other, whatever follows in a pattern.
            : (start.StartsWith(otherStart, StringComparison.OrdinalIgnoreCase) && !secondIsName)
                || (otherStart.StartsWith(start, StringComparison.OrdinalIgnoreCase) && !firstIsName);
    }

    private static string LiteralStart(string pattern)
    {
        int special = pattern.AsSpan().IndexOfAny(s_special);
        return special < 0 ? pattern : pattern[..special];
    }
}

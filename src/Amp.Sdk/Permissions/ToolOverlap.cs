using System.Buffers;
using Amp.Tools;

namespace Amp.Permissions;

/// <summary>Compares the tool patterns of two permission rules, ignoring case, as the CLIs of 2026 do.</summary>
internal static class ToolOverlap
{
    // A backslash too: what it escapes, only the CLI knows.
    private static readonly SearchValues<char> s_special = SearchValues.Create("*?{}[]()!+@|\\");

    /// <summary>
    /// Returns whether rules with these patterns may apply to the same tool. False only if this is certain. A rule for one name of the shell
    /// applies to both.
    /// </summary>
    public static bool IsPossible(string first, string second) =>
        MayMatch(first, second)
        || (KnownTools.ShellNames.Any(name => MayMatch(first, name)) && KnownTools.ShellNames.Any(name => MayMatch(second, name)));

    /// <summary>Returns whether both patterns may match the same name, as in lists of tools. False only if this is certain.</summary>
    public static bool MayMatch(string first, string second)
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

    /// <summary>Returns whether a pattern is the name of a single tool.</summary>
    public static bool IsName(string pattern) => pattern.AsSpan().IndexOfAny(s_special) < 0;

    /// <summary>Gets the part of a pattern before its first special character; the whole pattern if it has none.</summary>
    public static string LiteralStart(string pattern)
    {
        int special = pattern.AsSpan().IndexOfAny(s_special);
        return special < 0 ? pattern : pattern[..special];
    }
}

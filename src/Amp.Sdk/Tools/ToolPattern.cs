using System.Text;
using System.Text.RegularExpressions;

namespace Amp.Tools;

/// <summary>Matches the pattern of a rule or list with the name of a tool, ignoring case, as the CLIs do.</summary>
internal static class ToolPattern
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(1);

    /// <summary>Returns whether a pattern matches; null if only the CLI supports its format.</summary>
    public static bool? Matches(string? pattern, string name)
    {
        if (string.IsNullOrEmpty(pattern) || Translate(pattern) is not string expression)
        {
            return null;
        }

        try
        {
            return Regex.IsMatch(name, expression, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, s_limit);
        }
        catch (Exception exception) when (exception is RegexParseException or RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static string? Translate(string pattern)
    {
        StringBuilder expression = new("^");
        int braces = 0;
        for (int i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '(' or ')' or '\\' or '!':
                    return null;
                case '*':
                    expression.Append(".*");
                    break;
                case '?':
                    expression.Append('.');
                    break;
                case '{':
                    braces++;
                    expression.Append("(?:");
                    break;
                case '}' when braces > 0:
                    braces--;
                    expression.Append(')');
                    break;
                case ',' when braces > 0:
                    expression.Append('|');
                    break;
                case '[':
                    int end = pattern.IndexOf(']', i + 1);
                    if (end < 0 || pattern.AsSpan(i + 1, end - i - 1).IndexOfAny("[!^\\&") >= 0)
                    {
                        return null;
                    }

                    expression.Append(pattern, i, end - i + 1);
                    i = end;
                    break;
                default:
                    expression.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return braces == 0 ? expression.Append("\\z").ToString() : null;
    }
}

using System.Collections;

namespace Amp.Permissions;

/// <summary>Finds an invalid regular expression in a rule from settings.</summary>
internal static class BrokenPattern
{
    /// <summary>Gets the expression and its error; null if there is none.</summary>
    public static (string Pattern, string Error)? In(object? match) => match switch
    {
        string text when text.Length >= 3 && text[0] == '/' && text[^1] == '/' =>
            JavaScriptPattern.FirstError(text[1..^1]) is string error ? (text, error) : null,
        string => null,
        IDictionary dictionary => First(dictionary.Values),
        IEnumerable list => First(list),
        _ => null,
    };

    private static (string, string)? First(IEnumerable values)
    {
        foreach (object? value in values)
        {
            if (In(value) is (string, string) found)
            {
                return found;
            }
        }

        return null;
    }
}

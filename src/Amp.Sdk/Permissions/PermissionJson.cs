using System.Collections.Specialized;
using System.Text.Json;
using Amp.Json;

namespace Amp.Permissions;

/// <summary>Reads rules in the format of a CLI or a settings file.</summary>
internal static class PermissionJson
{
    /// <summary>Reads a list of rules.</summary>
    /// <exception cref="FormatException">The value is not a list, or a rule is invalid. The message names it.</exception>
    public static IReadOnlyList<AmpPermission> List(string json)
    {
        try
        {
            return JsonValue.ParseOrNull(json) is object?[] rules
                ? [.. rules.Select((rule, index) => Rule(rule, $"rule {index}"))]
                : throw new FormatException("is not a list of rules");
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException("has text that is not UTF-8", exception);
        }
    }

    /// <summary>Creates a rule from parsed JSON.</summary>
    /// <exception cref="FormatException">The value is not a valid rule.</exception>
    public static AmpPermission Rule(object? value, string place)
    {
        if (value is not OrderedDictionary fields)
        {
            throw new FormatException($"has {place} that is not an object");
        }

        OrderedDictionary others = new(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry field in fields)
        {
            if (field.Key is not ("tool" or "action" or "matches" or "context" or "to" or "message"))
            {
                others.Add(field.Key, field.Value);
            }
        }

        return new AmpPermission(
            fields["tool"] as string ?? throw new FormatException($"has no tool in {place}"),
            Action(fields["action"], place) ?? throw new FormatException($"has no action in {place}"),
            fields.Contains("matches") ? fields["matches"] as OrderedDictionary ?? throw Wrong("matches", place) : null,
            Word<PermissionContext>(fields["context"], place),
            Text(fields, "to", place),
            Text(fields, "message", place),
            others.Count == 0 ? null : others);
    }

    /// <summary>Parses an action; null if there is none.</summary>
    /// <exception cref="FormatException">The action is unknown.</exception>
    public static PermissionAction? Action(object? value, string place) => Word<PermissionAction>(value, place);

    private static T? Word<T>(object? value, string place)
        where T : struct, Enum
    {
        if (value is null)
        {
            return null;
        }

        string? name = value is string word && word.All(char.IsAsciiLetterLower)
            ? Array.Find(Enum.GetNames<T>(), name => name.Equals(word, StringComparison.OrdinalIgnoreCase))
            : null;
        return name is null ? throw new FormatException($"has an unknown word '{value}' in {place}") : Enum.Parse<T>(name);
    }

    private static string? Text(OrderedDictionary fields, string name, string place) =>
        fields[name] is null ? null : fields[name] as string ?? throw Wrong(name, place);

    private static FormatException Wrong(string field, string place) => new($"has an unknown value for '{field}' in {place}");
}

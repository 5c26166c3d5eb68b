using System.Globalization;
using System.Reflection;
using System.Security;
using Microsoft.Extensions.Configuration;

namespace Amp;

/// <summary>Reads the options of runs from a configuration. A key that is not an option, and an option that only code can set, are refused.</summary>
internal static class ConfiguredOptions
{
    private static readonly string[] s_times = ["c", @"h\:mm\:ss", @"h\:mm"];

    private static readonly Dictionary<string, PropertyInfo> s_properties = typeof(AmpOptions)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is { IsPublic: true })
        .ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets the options with those of a configuration.</summary>
    /// <exception cref="AmpValidationException">A key is not an option, or a value cannot be used.</exception>
    public static AmpOptions Of(IConfiguration configuration, AmpOptions options)
    {
        // A copy, which can be changed because nobody else has it yet.
        options = options with { };
        foreach (IConfigurationSection section in configuration.GetChildren())
        {
            PropertyInfo property = s_properties.GetValueOrDefault(section.Key) ?? throw new AmpValidationException(
                $"'{section.Path}' of the configuration is not an option.", section.Key, "Use the name of a property of AmpOptions, or remove the key.", section.Key);
            if (ValueOf(section, property) is object value)
            {
                property.SetValue(options, value);
            }
        }

        return options;
    }

    // Null for a key without a value, as a configuration may have it where another one removes a value.
    private static object? ValueOf(IConfigurationSection section, PropertyInfo property)
    {
        Type type = property.PropertyType;
        return type == typeof(IReadOnlyList<string>) ? Items(section, "a list of strings")?.Select(ItemText).ToArray()
            : type == typeof(IReadOnlyDictionary<string, string?>) ? Variables(section)
            : type == typeof(IReadOnlyList<AmpPermission>) ? Items(section, "a list of rules")?.Select(Rule).ToArray()
            : type == typeof(SecureString) ? Secret(section)
            : IsSimple(Nullable.GetUnderlyingType(type) ?? type) ? Single(section, type)
            : throw new AmpValidationException(
                $"'{section.Path}' cannot be set in a configuration.",
                property.Name,
                $"Set it in code: AmpBuilder.Configure(options => options with {{ {property.Name} = ... }}).");
    }

    private static bool IsSimple(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(TimeSpan);

    private static object? Single(IConfigurationSection section, Type type)
    {
        // Before .NET 10, null in JSON is an empty text.
        string? text = Text(section);
        try
        {
            return string.IsNullOrEmpty(text) ? null : IsTime(type) ? Time(text) : section.Get(type);
        }
        catch (InvalidOperationException)
        {
            throw new AmpValidationException(
                $"'{section.Value}' at '{section.Path}' of the configuration is not a valid {(Nullable.GetUnderlyingType(type) ?? type).Name}.",
                section.Key,
                IsTime(type) ? "Write a time as hours, minutes and seconds: 00:15:00. A day is 1.00:00:00." : "Correct the value.",
                section.Value);
        }
    }

    private static bool IsTime(Type type) => type == typeof(TimeSpan) || type == typeof(TimeSpan?);

    // TimeSpan.Parse reads 24:00:00 as 24 days, and a number alone as days.
    private static TimeSpan Time(string text) =>
        text.Contains(':') && TimeSpan.TryParseExact(text, s_times, CultureInfo.InvariantCulture, out TimeSpan time) ? time : throw new InvalidOperationException();

    // A section has a value or children. If only the value were read, a rule with a list of commands would be a rule for every command.
    private static string? Text(IConfigurationSection section) => !section.GetChildren().Any() ? section.Value : throw new AmpValidationException(
        $"'{section.Path}' of the configuration is not a single value.", section.Key, "Give one value.");

    private static string ItemText(IConfigurationSection item) => Text(item) ?? throw new AmpValidationException(
        $"'{item.Path}' of the configuration is not a string.", item.Key, "Give a string, or remove it from the list.");

    // An empty list has an empty value, and one that is not set has none.
    private static IConfigurationSection[]? Items(IConfigurationSection section, string what)
    {
        IConfigurationSection[] items = [.. section.GetChildren()];
        if (!string.IsNullOrEmpty(section.Value) || Array.Exists(items, item => !int.TryParse(item.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            throw new AmpValidationException($"'{section.Path}' of the configuration is not {what}.", section.Key, "Give a list, which can be empty.");
        }

        return items.Length == 0 && section.Value is null ? null : items;
    }

    private static Dictionary<string, string?>? Variables(IConfigurationSection section)
    {
        IConfigurationSection[] variables = [.. section.GetChildren()];
        if (!string.IsNullOrEmpty(section.Value))
        {
            throw new AmpValidationException(
                $"'{section.Path}' of the configuration is not a list of names with values.", section.Key, "Give an object with the variables.");
        }

        return variables.Length == 0 && section.Value is null ? null : variables.ToDictionary(variable => variable.Key, Text);
    }

    private static SecureString? Secret(IConfigurationSection section)
    {
        if (Text(section) is not { Length: > 0 } text)
        {
            return null;
        }

        SecureString secret = new();
        foreach (char character in text)
        {
            secret.AppendChar(character);
        }

        secret.MakeReadOnly();
        return secret;
    }

    // Without it, the rule would be about every call.
    private static string Restriction(IConfigurationSection part) => Text(part) ?? throw new AmpValidationException(
        $"'{part.Path}' of the configuration has no value.", part.Key, "Give one, or remove the key from the rule.");

    // A configuration knows no numbers, so the inputs of a call other than a command or a path cannot be told apart: Matches is for code.
    private static AmpPermission Rule(IConfigurationSection section)
    {
        string? tool = null;
        ToolKind? kind = null;
        PermissionAction? action = null;
        string? command = null;
        string? path = null;
        string? message = null;
        if (!string.IsNullOrEmpty(section.Value))
        {
            throw new AmpValidationException($"'{section.Path}' of the configuration is not a rule.", section.Key, "Give an object with an Action and either a Tool or a Kind.");
        }

        foreach (IConfigurationSection part in section.GetChildren())
        {
            switch (part.Key.ToUpperInvariant())
            {
                case "TOOL":
                    tool = Text(part);
                    break;
                case "KIND":
                    kind = (ToolKind?)Single(part, typeof(ToolKind));
                    break;
                case "ACTION":
                    action = (PermissionAction?)Single(part, typeof(PermissionAction));
                    break;
                case "COMMAND":
                    command = Restriction(part);
                    break;
                case "PATH":
                    path = Restriction(part);
                    break;
                case "MESSAGE":
                    message = Text(part);
                    break;
                default:
                    throw new AmpValidationException(
                        $"'{part.Path}' is not a part of a rule that a configuration can have.", part.Key, "Use Action, Tool or Kind, Command, Path and Message; set other rules in code.");
            }
        }

        return (tool, kind, action) switch
        {
            (null, ToolKind known, PermissionAction does) => AmpPermission.ForKind(known, does, command, path, message: message),
            (string name, null, PermissionAction does) when command is null && path is null => new AmpPermission(name, does, message: message),
            _ => throw new AmpValidationException(
                $"The rule at '{section.Path}' of the configuration is incomplete, or has keys that cannot be used together.",
                section.Key,
                "Give an Action and either a Tool, or a Kind with an optional Command or Path."),
        };
    }
}

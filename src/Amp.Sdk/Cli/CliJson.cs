using System.Collections.Specialized;
using Amp.Json;

namespace Amp.Cli;

/// <summary>Reads the JSON answer of a management command. An unknown format is an error that shows it.</summary>
internal sealed class CliJson(CliConnection connection, IReadOnlyList<string> arguments)
{
    /// <summary>Gets the whole answer as plain objects.</summary>
    public object Value(string output) =>
        JsonValue.ParseOrNull(output) ?? throw Unreadable("is not valid JSON", output);

    /// <summary>Gets the answer, which must be an object.</summary>
    public OrderedDictionary Object(string output) =>
        Value(output) as OrderedDictionary ?? throw Unreadable("is not a JSON object", output);

    /// <summary>Gets each item of a list, which must be an object.</summary>
    public IEnumerable<OrderedDictionary> Items(object? list, string output) =>
        (list as object?[] ?? throw Unreadable("has no list where one is expected", output))
            .Select(item => item as OrderedDictionary ?? throw Unreadable("has an item that is not an object", output));

    /// <summary>Gets a required field, which must be a string.</summary>
    public string Text(OrderedDictionary item, string field) =>
        item[field] as string ?? throw Unreadable($"has an item without '{field}'", Describe(item));

    public AmpJsonException Unreadable(string what, string text) => connection.Unreadable(arguments, what, text);

    private static string Describe(OrderedDictionary item) =>
        string.Join(", ", item.Cast<System.Collections.DictionaryEntry>().Select(entry => $"{entry.Key}: {entry.Value}"));
}

using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json.Nodes;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Output;

/// <summary>Converts the value of <c>-OutputSchema</c> to an output schema.</summary>
internal static class OutputSchemaParameter
{
    private const string ParameterName = "OutputSchema";

    private const string WayOut =
        "Give a JSON Schema as text, as a hashtable or as the path of a file, or a type such as ([Server[]]) with the parentheses.";

    /// <summary>Returns the schema; null if none was given.</summary>
    /// <param name="value">A string, the path of a file, a hashtable, or a type.</param>
    /// <param name="calls">Runs the conversion of the answer on the pipeline thread, the only one that can create instances of script
    /// classes.</param>
    /// <param name="resolvePath">Resolves a path that the user typed to a full path.</param>
    /// <exception cref="AmpValidationException">The value is none of these, or is not a valid schema.</exception>
    public static OutputSchema? ToSchema(object? value, PipelineCalls calls, Func<string, string> resolvePath)
    {
        switch (PlainValue.Of(value, ParameterName))
        {
            case null:
                return null;
            case OutputSchema schema:
                return schema;
            case Type type:
                return Create(OutputTypeSchema.Of(type).ToJsonString(), calls, answer => OutputReader.ToObject(answer, type));
            case string text when string.IsNullOrWhiteSpace(text):
                throw new AmpValidationException("-OutputSchema is empty.", ParameterName, WayOut);
            case string text when text.TrimStart()[0] == '{':
                return Create(text, calls, OutputReader.ToTree);
            case string text when text.StartsWith('[') && text.EndsWith(']'):
                throw new AmpValidationException($"-OutputSchema '{text}' is text, not a type.", ParameterName, $"Write the type in parentheses: -OutputSchema ({text}).", text);
            case string path:
                return Create(OutputSchema.FromFile(resolvePath(path)).Json, calls, OutputReader.ToTree);
            case FileInfo file:
                return Create(OutputSchema.FromFile(file.FullName).Json, calls, OutputReader.ToTree);
            case IDictionary table:
                return Create(ToJson(table, ParameterName)!.ToJsonString(), calls, OutputReader.ToTree);
            case object other:
                throw new AmpValidationException($"-OutputSchema is an object of type {other.GetType()}.", ParameterName, WayOut, other);
        }
    }

    private static OutputSchema Create(string json, PipelineCalls calls, Func<string, object?> read) =>
        OutputSchema.Create(json, (answer, token) => calls.InvokeAsync(_ => read(answer), token));

    private static JsonNode? ToJson(object? value, string place) => value switch
    {
        null => null,
        IDictionary table => new JsonObject(table.Cast<DictionaryEntry>().Select(entry =>
        {
            string name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty;
            return KeyValuePair.Create(name, ToJson(entry.Value, $"{place}.{name}"));
        })),
        object?[] list => new JsonArray([.. list.Select((item, i) => ToJson(item, $"{place}[{i}]"))]),
        string text => JsonValue.Create(text),
        bool boolean => JsonValue.Create(boolean),
        sbyte or byte or short or ushort or int or uint or long or ulong or decimal => JsonValue.Create(Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
        float or double when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)) => JsonValue.Create(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        _ => throw new AmpValidationException(
            $"{place} is an object of type {value.GetType()}.", ParameterName, "Use strings, numbers, booleans, and lists and hashtables of these."),
    };
}

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
        "Give a JSON Schema as a string, a hashtable or the path of a file, or give a type in parentheses, such as ([Server[]]).";

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
                return OfType(type, calls);
            case string text when string.IsNullOrWhiteSpace(text):
                throw new AmpValidationException("-OutputSchema is empty.", ParameterName, WayOut);
            case string text when text.TrimStart()[0] == '{':
                return OfJson(text);
            case string text when text.StartsWith('[') && text.EndsWith(']'):
                throw new AmpValidationException($"-OutputSchema '{text}' is a string, not a type.", ParameterName, $"Write the type in parentheses: -OutputSchema ({text}).", text);
            case string path:
                return OfJson(OutputSchema.FromFile(resolvePath(path)).Json);
            case FileInfo file:
                return OfJson(OutputSchema.FromFile(file.FullName).Json);
            case IDictionary table:
                return OfJson(ToJson(table, ParameterName)!.ToJsonString());
            case object other:
                throw new AmpValidationException($"-OutputSchema is an object of type {other.GetType()}.", ParameterName, WayOut, other);
        }
    }

    // Such an answer becomes objects without code, which any thread can create.
    private static OutputSchema OfJson(string json) => OutputSchema.Create(json, (answer, _) => Task.FromResult(OutputReader.ToTree(answer)));

    // A conversion can run code of the session: script classes, and converters of types.
    private static OutputSchema OfType(Type type, PipelineCalls calls)
    {
        string json = OutputTypeSchema.Of(type).ToJsonString();
        if (calls.IsOfJob && !HasScriptClass(type))
        {
            return OutputSchema.Create(json, (answer, _) => Task.FromResult(OutputReader.ToObject(answer, type)));
        }

        calls.Require(ParameterName);
        return OutputSchema.Create(json, (answer, token) => calls.InvokeAsync(_ => OutputReader.ToObject(answer, type), token));
    }

    // The assembly of a script's classes is dynamic. That of a compiled class cannot have properties of them.
    private static bool HasScriptClass(Type type) =>
        type.Assembly.IsDynamic || (type.GetElementType() is Type item && HasScriptClass(item)) || type.GenericTypeArguments.Any(HasScriptClass);

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

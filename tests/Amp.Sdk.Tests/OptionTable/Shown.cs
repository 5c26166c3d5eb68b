using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>Writes what a run is given in the words of the table.</summary>
internal static partial class Shown
{
    private static readonly string[] s_ofAnOuterAgent = ["AGENT", "AMP_THREAD_ID", "FORCE_COLOR", "CLICOLOR_FORCE"];

    /// <summary>Arguments, with those that hold a blank in quotes.</summary>
    public static string Arguments(IEnumerable<string> arguments, string home) => string.Join(
        ' ', arguments.Select(argument => Home(argument, home)).Select(argument => argument.Contains(' ', StringComparison.Ordinal) ? $"'{argument}'" : argument));

    /// <summary>A path below the folder of the test, in the manner of Unix.</summary>
    public static string Home(string text, string home) =>
        BelowHome().Replace(text.Replace(home, "{home}", StringComparison.Ordinal), path => path.Value.Replace('\\', '/'));

    /// <summary>JSON without blanks, and with its paths below the folder of the test shown as such.</summary>
    public static string Json(string json, string home)
    {
        JsonNode root = JsonNode.Parse(json)!;
        if (root is JsonObject whole)
        {
            // In which order settings stand is nobody's business; within one it is.
            root = new JsonObject(whole.OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => KeyValuePair.Create(property.Key, property.Value?.DeepClone())));
        }

        return Home(root.ToJsonString(s_readable).Replace(@"\\", @"\", StringComparison.Ordinal), home);
    }

    /// <summary>
    /// The variables that a CLI must have, a line each: those of this process but for what an outer agent has set, those of the
    /// call, and the four of every run.
    /// </summary>
    public static string[] ExpectedVariables(IReadOnlyDictionary<string, string?> ofTheCall, IReadOnlyDictionary<string, string?> ofTheRow)
    {
        Dictionary<string, string?> expected = new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry own in Environment.GetEnvironmentVariables())
        {
            string name = (string)own.Key;
            expected[name] = s_ofAnOuterAgent.Contains(name) || name.StartsWith("AGENT_TOOL_", StringComparison.Ordinal) ? null : (string?)own.Value;
        }

        expected["NO_COLOR"] = "1";
        expected["AMP_SKIP_UPDATE_CHECK"] = "1";
        expected["AMP_REMOTE_CONTROL_TERMINAL"] = "0";
        expected["AMP_SDK_VERSION"] = "dotnet-0.0.0";
        foreach ((string name, string? value) in ofTheCall.Concat(ofTheRow))
        {
            expected[name] = value;
        }

        return Lines(expected);
    }

    /// <summary>Variables, a line each, with this library's version as 0.0.0.</summary>
    public static string[] Lines(IEnumerable<KeyValuePair<string, string?>> variables) =>
    [
        .. variables.Where(variable => variable.Value is not null)
            .Select(variable => $"{variable.Key}={(variable.Key == "AMP_SDK_VERSION" ? OwnVersion().Replace(variable.Value!, "dotnet-0.0.0") : variable.Value)}")
            .Order(StringComparer.Ordinal),
    ];

    private static readonly System.Text.Json.JsonSerializerOptions s_readable = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [GeneratedRegex("""\{home\}[^"']*""")]
    private static partial Regex BelowHome();

    [GeneratedRegex(@"^dotnet-\d+\.\d+\.\d+$")]
    private static partial Regex OwnVersion();
}

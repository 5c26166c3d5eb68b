using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>
/// What a native CLI is given in every run beside what a row says: settings that put its rules in force, or, where all is allowed but for rejects,
/// that guard no file. Only a run that allows everything is given none.
/// </summary>
internal static class RulesInForce
{
    private const string File = "settings.json";
    private const string Merged = "'--settings-file=<private settings.json>'";

    // A settings file stands before these.
    private static readonly string[] s_behind = [" '--mcp-config", " --log-level", " --log-file", " '--log-file", " --no-ide", " --no-notifications", " --no-color"];

    public static string Arguments(string arguments)
    {
        if (AllowsAll(arguments) || arguments.Contains(Merged, StringComparison.Ordinal))
        {
            return arguments;
        }

        string without = arguments.Replace(" --settings-file={home}/mine.json", string.Empty, StringComparison.Ordinal);
        int place = s_behind.Select(text => without.IndexOf(text, StringComparison.Ordinal)).Where(index => index >= 0).Append(without.Length).Min();
        return without.Insert(place, " " + Merged);
    }

    public static IReadOnlyDictionary<string, string> Files(OptionRow row, string arguments)
    {
        if (AllowsAll(arguments))
        {
            return row.FilesMade;
        }

        JsonObject settings = (JsonObject)JsonNode.Parse(
            row.FilesMade.GetValueOrDefault(File) ?? row.FilesBefore.GetValueOrDefault("mine.json") ?? "{}",
            documentOptions: new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })!;
        if (row.Set(new AmpOptions { Environment = new Dictionary<string, string?>() }, Path.GetTempPath()).DangerouslyAllowAll)
        {
            settings["amp.guardedFiles.allowlist"] = new JsonArray("/**");
        }
        else
        {
            settings["amp.dangerouslyAllowAll"] = false;
        }

        return new Dictionary<string, string>(row.FilesMade) { [File] = settings.ToJsonString() };
    }

    private static bool AllowsAll(string arguments) => arguments.Contains("--dangerously-allow-all", StringComparison.Ordinal);
}

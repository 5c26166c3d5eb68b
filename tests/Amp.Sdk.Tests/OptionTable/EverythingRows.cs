using Amp.Sdk.Tests.Mcp;
using static Amp.Sdk.Tests.OptionTable.Build;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>Everything that a CLI takes, at once: what it is given, and its whole command line.</summary>
internal static class EverythingRows
{
    private const string OfAll = "--settings-file={private}/settings.json --mcp-config={private}/mcp.json --log-level=debug '--log-file={home}/a b.log'";

    public static (AmpOptions Options, string Arguments) Of(string date, AmpOptions start, string home)
    {
        AmpOptions all = start with
        {
            DangerouslyAllowAll = true,
            Permissions = [new AmpPermission("Bash", PermissionAction.Reject)],
            McpServers = [new McpStdioServer("calc", "node", ["x.js"], new Dictionary<string, SecretText> { ["TOKEN"] = "canary-of-mcp" })],
            McpConfig = """{"web":{"url":"https://example.test/mcp"}}""",
            Toolbox = Directory.CreateDirectory(Path.Combine(home, "tools")).FullName,
            SettingsFile = Path.Combine(home, "mine.json"),
            ApiKey = Servers.Secure("canary-of-the-key"),
            LogLevel = "debug",
            LogFile = Path.Combine(home, "a b.log"),
            ExtraArguments = ["--effort=high"],
            Environment = new Dictionary<string, string?>(start.Environment!) { ["ZZ_NEW"] = "ü", ["LANG"] = null },
        };
        AmpOptions fromJanuary26 = all with { EnabledTools = ["Read"], Skills = all.Toolbox, Labels = ["a", "b-1"], IncludeThinking = true };
        return date switch
        {
            January8 => (
                all with { Mode = "rush", Visibility = "unlisted" },
                $"--execute --stream-json --mode=rush --visibility=unlisted {OfAll} --no-ide --no-jetbrains --no-notifications --effort=high"),
            January26 => (
                fromJanuary26 with { Mode = "rush", Visibility = "unlisted", SystemPrompt = "Be brief." },
                "--execute --stream-json --stream-json-thinking --mode=rush --visibility=unlisted --label=a --label=b-1 "
                    + $"{OfAll} --no-ide --no-jetbrains --no-notifications --effort=high"),
            February => (
                fromJanuary26 with { Mode = "deep", Visibility = "unlisted", SystemPrompt = "Be brief.", Archive = true },
                "--execute --stream-json --stream-json-thinking --mode=deep --visibility=unlisted --label=a --label=b-1 --archive "
                    + $"{OfAll} --no-ide --no-jetbrains --no-notifications --no-color --effort=high"),
            March or May => (
                fromJanuary26 with { Mode = "large", Visibility = "unlisted", Archive = true },
                "--execute --stream-json --stream-json-thinking --mode=large --visibility=unlisted --label=a --label=b-1 --archive "
                    + $"{OfAll} --no-ide --no-jetbrains --no-notifications --no-color --effort=high"),
            _ => (
                fromJanuary26 with { Mode = "high", Visibility = "public", Title = "A title", Features = ["fast"], Executor = "local" },
                "--execute --stream-json --stream-json-thinking --mode=high --features=fast --executor=local --visibility=unlisted "
                    + $"'--title=A title' --label=a --label=b-1 --no-archive-after-execute {OfAll} "
                    + "--no-ide --no-notifications --no-color --no-remote-control-terminal --effort=high"),
        };
    }

    /// <summary>The settings that the CLI must find.</summary>
    public static string Settings(string date)
    {
        const string Rules = """[{"tool":"Bash","action":"reject"},{"tool":"Read","action":"allow"},{"tool":"*","action":"allow"}]""";
        return date switch
        {
            January8 => $$"""{"mine":1,"amp.permissions":{{Rules}}}""",
            January26 or February => $$"""
                {"mine":1,"amp.permissions":{{Rules}},"amp.tools.enable":["Read"],"amp.systemPrompt":"Be brief.","amp.skills.path":"{home}/tools"}
                """,
            March or May => $$"""{"mine":1,"amp.permissions":{{Rules}},"amp.tools.enable":["Read"],"amp.skills.path":"{home}/tools"}""",
            _ => $$"""
                {"mine":1,"amp.permissions":{{Rules}},"amp.tools.enable":["Read"],"amp.skills.path":"{home}/tools","amp.guardedFiles.allowlist":["/**"]}
                """,
        };
    }
}

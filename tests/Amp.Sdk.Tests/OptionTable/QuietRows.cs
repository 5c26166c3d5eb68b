using Amp.Sdk.Tests.Mcp;
using static Amp.Sdk.Tests.OptionTable.Build;
using static Amp.Sdk.Tests.OptionTable.OptionRow;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>What the CLI is kept from, its variables and its log; and the options that are this library's own.</summary>
internal static class QuietRows
{
    public static IEnumerable<OptionRow> All =>
    [
        Of("editor let in", options => options with { NoIde = false })
            .Gives(
                $"{Run} --no-jetbrains --no-notifications",
                $"{Run} --no-jetbrains --no-notifications --no-color",
                $"{Run} {Keep} --no-notifications --no-color --no-remote-control-terminal"),

        Of("JetBrains let in", options => options with { NoJetBrains = false })
            .Gives(
                $"{Run} --no-ide --no-notifications",
                $"{Run} --no-ide --no-notifications --no-color",
                $"{Run} {Keep} --no-ide --no-notifications --no-color --no-remote-control-terminal"),

        Of("notifications let in", options => options with { NoNotifications = false })
            .Gives(
                $"{Run} --no-ide --no-jetbrains",
                $"{Run} --no-ide --no-jetbrains --no-color",
                $"{Run} {Keep} --no-ide --no-color --no-remote-control-terminal"),

        // NO_COLOR and its opposites stay what they were.
        Of("colours let in", options => options with { NoColor = false })
            .Gives(
                $"{Run} --no-ide --no-jetbrains --no-notifications",
                $"{Run} --no-ide --no-jetbrains --no-notifications",
                $"{Run} {Keep} --no-ide --no-notifications --no-remote-control-terminal")
            .Variable("NO_COLOR", Environment.GetEnvironmentVariable("NO_COLOR"))
            .Variable("FORCE_COLOR", Environment.GetEnvironmentVariable("FORCE_COLOR"))
            .Variable("CLICOLOR_FORCE", Environment.GetEnvironmentVariable("CLICOLOR_FORCE")),

        In("log", (options, home) => options with { LogLevel = "audit", LogFile = Path.Combine(home, "a b.log") })
            .Gives(
                $"{Run} --log-level=audit '--log-file={{home}}/a b.log' {QuietJanuary}",
                $"{Run} --log-level=audit '--log-file={{home}}/a b.log' {QuietSpring}",
                $"{Run} {Keep} --log-level=audit '--log-file={{home}}/a b.log' {QuietSeptember}"),

        // The CLI works in another folder.
        In("log by a relative path", (options, home) => options with
            { LogFile = Path.GetRelativePath(Environment.CurrentDirectory, Path.Combine(home, "x.log")) })
            .Gives(
                $"{Run} --log-file={{home}}/x.log {QuietJanuary}",
                $"{Run} --log-file={{home}}/x.log {QuietSpring}",
                $"{Run} {Keep} --log-file={{home}}/x.log {QuietSeptember}"),

        Of("API key", options => options with { ApiKey = Servers.Secure("sgamp-canary") })
            .Gives($"{Run} {QuietJanuary}", $"{Run} {QuietSpring}", $"{Run} {Keep} {QuietSeptember}")
            .Variable("AMP_API_KEY", "sgamp-canary"),

        Of("variables", options => options with
            {
                Environment = new Dictionary<string, string?>(options.Environment!)
                {
                    ["ZZ_NEW"] = "ü =1",
                    ["ZZ_EMPTY"] = "",
                    ["LANG"] = "tlh",
                    ["TERM"] = null,
                    ["NO_COLOR"] = null,
                    ["AMP_SDK_VERSION"] = "mine-1",
                    ["ZZ_NOT_THERE"] = null,
                    ["AGENT"] = "mine",
                },
            })
            .Gives($"{Run} {QuietJanuary}", $"{Run} {QuietSpring}", $"{Run} {Keep} {QuietSeptember}")
            .Variable("ZZ_NEW", "ü =1")
            .Variable("ZZ_EMPTY", "")
            .Variable("LANG", "tlh")
            .Variable("TERM", null)
            .Variable("NO_COLOR", null)
            .Variable("AMP_SDK_VERSION", "mine-1")
            .Variable("AGENT", "mine"),

        Of("what the CLI is not told", options => options with
            {
                FailOnDenial = true,
                Timeout = TimeSpan.FromMinutes(9),
                IdleTimeout = TimeSpan.FromMinutes(8),
                CancellationGracePeriod = TimeSpan.FromSeconds(7),
                ExitGracePeriod = TimeSpan.FromSeconds(6),
                MaxLineBytes = 5000,
            })
            .Gives($"{Run} {QuietJanuary}", $"{Run} {QuietSpring}", $"{Run} {Keep} {QuietSeptember}"),
    ];
}

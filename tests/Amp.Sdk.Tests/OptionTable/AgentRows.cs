using static Amp.Sdk.Tests.OptionTable.Build;
using static Amp.Sdk.Tests.OptionTable.OptionRow;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>How the agent works: modes, thinking, features, where it runs.</summary>
internal static class AgentRows
{
    private const string FreeModes = "Its modes are: free, rush, smart.";
    private const string FebruaryModes = "Its modes are: deep, free, rush, smart.";
    private const string MarchModes = "Its modes are: deep, free, large, rush, smart.";
    private const string MayModes = "Its modes are: deep, large, rush, smart.";
    private const string NoFeatures = "Omit features, or install a CLI of September 2026 or later.";

    public static IEnumerable<OptionRow> All =>
    [
        Of("nothing", options => options)
            .Gives($"{Run} {QuietJanuary}", $"{Run} {QuietSpring}", $"{Run} {Keep} {QuietSeptember}"),

        Of("mode smart", options => options with { Mode = "smart" })
            .Gives(BothOfJanuary, $"{Run} --mode=smart {QuietJanuary}")
            .Gives(FebruaryToMay, $"{Run} --mode=smart {QuietSpring}")
            .Gives(September, $"{Run} --mode=smart {Keep} {QuietSeptember}"),

        Of("mode free", options => options with { Mode = "free" })
            .Gives(BothOfJanuary, $"{Run} --mode=free {QuietJanuary}")
            .Gives($"{February} {March}", $"{Run} --mode=free {QuietSpring}")
            .Refuses(May, "Mode", "has no mode 'free'", MayModes)
            .Gives(September, $"{Run} --mode=free {Keep} {QuietSeptember}"),

        Of("mode deep", options => options with { Mode = "deep" })
            .Refuses(BothOfJanuary, "Mode", "has no mode 'deep'", FreeModes)
            .Gives(FebruaryToMay, $"{Run} --mode=deep {QuietSpring}")
            .Gives(September, $"{Run} --mode=deep {Keep} {QuietSeptember}"),

        Of("mode large", options => options with { Mode = "large" })
            .Refuses(BothOfJanuary, "Mode", "has no mode 'large'", FreeModes)
            .Refuses(February, "Mode", "has no mode 'large'", FebruaryModes)
            .Gives($"{March} {May}", $"{Run} --mode=large {QuietSpring}")
            .Gives(September, $"{Run} --mode=large {Keep} {QuietSeptember}"),

        Of("mode ultra", options => options with { Mode = "ultra" })
            .Refuses(BothOfJanuary, "Mode", "has no mode 'ultra'", FreeModes)
            .Refuses(February, "Mode", "has no mode 'ultra'", FebruaryModes)
            .Refuses(March, "Mode", "has no mode 'ultra'", MarchModes)
            .Refuses(May, "Mode", "has no mode 'ultra'", MayModes)
            .Gives(September, $"{Run} --mode=ultra {Keep} {QuietSeptember}"),

        Of("mode of a plugin", options => options with { Mode = "My Mode" })
            .Refuses(BothOfJanuary, "Mode", "has no mode 'My Mode'", FreeModes)
            .Refuses(February, "Mode", "has no mode 'My Mode'", FebruaryModes)
            .Refuses(March, "Mode", "has no mode 'My Mode'", MarchModes)
            .Refuses(May, "Mode", "has no mode 'My Mode'", MayModes)
            .Gives(September, $"{Run} '--mode=My Mode' {Keep} {QuietSeptember}"),

        // The CLIs until May 2026 refuse another case than that of their help.
        Of("mode in capitals", options => options with { Mode = "RUSH" })
            .Gives(BothOfJanuary, $"{Run} --mode=rush {QuietJanuary}")
            .Gives(FebruaryToMay, $"{Run} --mode=rush {QuietSpring}")
            .Gives(September, $"{Run} --mode=RUSH {Keep} {QuietSeptember}"),

        Of("thinking", options => options with { IncludeThinking = true })
            .Refuses(
                January8,
                "IncludeThinking",
                "does not know '--stream-json-thinking'",
                "Omit thinking, or install a CLI of 2026-01-26 or later.")
            .Gives(January26, $"{Run} --stream-json-thinking {QuietJanuary}")
            .Gives(FebruaryToMay, $"{Run} --stream-json-thinking {QuietSpring}")
            .Gives(September, $"{Run} --stream-json-thinking {Keep} {QuietSeptember}"),

        Of("features", options => options with { Features = ["fast", "pro"] })
            .Refuses(UntilMay, "Features", "does not know '--features'", NoFeatures)
            .Gives(September, $"{Run} --features=fast --features=pro {Keep} {QuietSeptember}"),

        Of("executor", options => options with { Executor = "runner:7" })
            .Refuses(UntilMay, "Executor", "does not know '--executor'", "Omit it: this CLI runs the agent on this machine.")
            .Gives(September, $"{Run} --executor=runner:7 {Keep} {QuietSeptember}"),

        Of("arguments of the caller", options => options with { ExtraArguments = ["--effort=high", "--attach=a b"] })
            .Gives(
                $"{Run} {QuietJanuary} --effort=high '--attach=a b'",
                $"{Run} {QuietSpring} --effort=high '--attach=a b'",
                $"{Run} {Keep} {QuietSeptember} --effort=high '--attach=a b'"),
    ];
}

using Amp.Plans;

namespace Amp.Sdk.Tests.Support;

/// <summary>The arguments that a run would have, without a CLI that could be started.</summary>
internal static class CommandLine
{
    public static string Of(AmpOptions options, AmpCli? cli) => string.Join(
        ' ',
        CliArguments.ForRun(options, RunInput.Of("x"), options.DangerouslyAllowAll, cli).Select(argument => argument.Shown([])).OfType<string>());
}

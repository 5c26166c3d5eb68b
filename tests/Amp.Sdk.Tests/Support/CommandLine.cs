using Amp.Plans;

namespace Amp.Sdk.Tests.Support;

/// <summary>The arguments that a run would have, without a CLI that could be started.</summary>
internal static class CommandLine
{
    private static readonly RunFiles s_none = new(null, null);

    public static string Of(AmpOptions options, AmpCli? cli, RunFiles? files = null) => string.Join(
        ' ',
        CliArguments.ForRun(options, RunInput.Of("x"), files ?? s_none, options.DangerouslyAllowAll, cli).Select(argument => argument.ToString()));
}

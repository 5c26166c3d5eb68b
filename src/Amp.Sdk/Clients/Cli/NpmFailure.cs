using System.Text.RegularExpressions;
using Amp.Cli;
using Amp.Processes;
using Amp.Text;

namespace Amp.Clients.Cli;

/// <summary>Describes a failure of npm by its error code.</summary>
internal static partial class NpmFailure
{
    public static AmpException Of(string package, string version, CliAnswer answer, SecretRedactor redactor)
    {
        string said = redactor.Redact(TerminalText.Strip(answer.StandardError.Length > 0 ? answer.StandardError : answer.Output)).Trim();
        string code = CodePattern().Match(said) is { Success: true } match ? match.Groups["code"].Value : string.Empty;
        return code switch
        {
            "ETARGET" or "E404" or "EINVALIDTAGNAME" => new AmpValidationException(
                $"npm does not know version '{version}' of {package}.",
                nameof(CliInstallOptions.Version),
                "Give 'latest', or a whole version such as 0.0.1774310664-gcb98ac.",
                version),
            "ENOTFOUND" or "ECONNREFUSED" or "ECONNRESET" or "ETIMEDOUT" or "EAI_AGAIN" or "ENETUNREACH" or "ERR_SOCKET_TIMEOUT" or "ENOTCACHED" => Failed(
                "npm could not reach its registry.", AmpErrorId.ServiceUnreachable, "Check the network, and the proxy and registry in npm's configuration."),
            _ => Failed(
                $"npm could not install {package} {version} ({answer.Exit}).", AmpErrorId.CliFailed, "Read npm's output. The earlier installation was not changed."),
        };

        AmpProcessException Failed(string what, string errorId, string advice) => new(what + StandardErrorTail.Quoted(said), errorId, advice)
        {
            ExitCode = answer.Exit.ExitCode,
            Signal = answer.Exit.Signal,
            StandardError = said,
        };
    }

    [GeneratedRegex(@"^npm (?:error|ERR!) (?:code|errno) (?<code>[A-Z][A-Z0-9_]+)\s*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex CodePattern();
}

using System.Text.RegularExpressions;

namespace Amp.PowerShell.Pipeline;

/// <summary>
/// Says in PowerShell's words what the library says in its own: an option is a parameter there, a method of a client a cmdlet. The library names
/// both in full, <c>AmpOptions.CliPath</c> or <c>ToolClient.ListAsync</c>, so that nothing else is taken for them. This is the one table.
/// </summary>
internal static partial class CommandWords
{
    // All others are called as the option is.
    private static readonly Dictionary<string, string> s_parameters = new(StringComparer.Ordinal)
    {
        [nameof(AmpOptions.Approval)] = "ApprovalScript",
        [nameof(AmpOptions.ApprovalTimeout)] = "ApprovalTimeoutSec",
        [nameof(AmpOptions.ContinueLatestThread)] = "ContinueThread",
        [nameof(AmpOptions.EnabledTools)] = "EnabledTool",
        [nameof(AmpOptions.ExtraArguments)] = "ExtraArgument",
        [nameof(AmpOptions.Features)] = "Feature",
        [nameof(AmpOptions.IdleTimeout)] = "IdleTimeoutSec",
        [nameof(AmpOptions.Images)] = "Image",
        [nameof(AmpOptions.Labels)] = "Label",
        [nameof(AmpOptions.McpServers)] = "McpServer",
        [nameof(AmpOptions.Permissions)] = "Permission",
        [nameof(AmpOptions.Timeout)] = "TimeoutSec",
        [nameof(AmpOptions.ToolTimeout)] = "ToolTimeoutSec",
        [nameof(AmpOptions.ToolboxTimeout)] = "ToolTimeoutSec",
        [nameof(AmpOptions.Tools)] = "Tool",
        [nameof(AmpOptions.Transport)] = "HostName",
        [nameof(AmpOptions.VerifyPaths)] = "VerifyPath",
        [nameof(AmpOptions.VerifyTimeout)] = "VerifyTimeoutSec",
    };

    private static readonly Dictionary<string, string> s_words = new(StringComparer.Ordinal)
    {
        ["AmpReplay.AllowDifference"] = "-AllowDifference",
        ["ApprovalRequest.Files"] = "$Call.Files",
        ["CheckpointClient.CompareAsync"] = "Compare-AmpCheckpoint",
        ["CheckpointClient.ListAsync"] = "Get-AmpCheckpoint",
        ["CliInstaller.InstallAsync"] = "Install-AmpCli",
        ["McpServerClient.ListAsync"] = "Get-AmpMcpServer",
        ["PermissionClient.ListAsync"] = "Get-AmpPermission",
        ["SkillClient.ListAsync"] = "Get-AmpSkill",
        ["SkillClient.RemoveAsync"] = "Uninstall-AmpSkill",
        ["ThreadClient.ChangeAsync"] = "Set-AmpThread",
        ["ThreadClient.ExportMarkdownAsync"] = "Export-AmpThreadMarkdown",
        ["ThreadClient.ListAsync"] = "Get-AmpThread",
        ["ToolClient.GetAsync"] = "Get-AmpTool",
        ["ToolClient.ListAsync"] = "Get-AmpTool",
        ["authUrl"] = "-AuthorizationUrl",
        ["replacesLimits"] = "-Force",
        ["tokenUrl"] = "-TokenUrl",
    };

    /// <summary>A text of the library in PowerShell's words.</summary>
    public static string Of(string text) => NamePattern().Replace(text, match => match.Groups["type"].Value switch
    {
        nameof(AmpOptions) or nameof(CliOptions) or nameof(ReviewOptions) => "-" + Parameter(match.Groups["member"].Value),
        nameof(ToolKind) => $"-Kind {match.Groups["member"].Value}",
        _ => s_words.GetValueOrDefault(match.Value, match.Value),
    });

    /// <summary>The message of an exception in PowerShell's words. What the agent, its tools and the caller's code say is left as it is.</summary>
    public static string Message(AmpException exception)
    {
        if (exception is AmpAgentException or AmpOutputException or AmpVerificationException)
        {
            return exception.Message;
        }

        // A check of an option that says no more than what is wrong begins with its name.
        return exception is AmpValidationException { OptionName: string option } && s_parameters.TryGetValue(option, out string? parameter)
            && exception.Message.StartsWith(option + " ", StringComparison.Ordinal)
            ? $"-{parameter}{Of(exception.Message[option.Length..])}"
            : Of(exception.Message);
    }

    /// <summary>The parameter of an option.</summary>
    public static string Parameter(string optionName) => s_parameters.GetValueOrDefault(optionName, optionName);

    [GeneratedRegex(@"\b(?:(?<type>[A-Z]\w+)\.(?<member>[A-Z]\w+)|authUrl|replacesLimits|tokenUrl)\b", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}

using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Lists the MCP servers of the user's and the workspace's settings, without their secrets.</summary>
/// <example>
/// <code>Get-AmpMcpServer -IncludeState | Where-Object Status -NE connected</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpMcpServer")]
[OutputType(typeof(McpServerEntry))]
public sealed class GetAmpMcpServerCommand : ManagementCmdlet
{
    /// <summary>The servers' names; wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(McpServerNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Has the CLI start or call the servers to tell how they are. Takes up to 30 seconds, and needs an API key.</summary>
    [Parameter]
    public SwitchParameter IncludeState { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        WildcardPattern[]? patterns = Name?.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToArray();
        IReadOnlyList<McpServerEntry> entries = WaitOrThrow(
            cancellationToken => new McpServerClient(CliOptions).ListAsync(IncludeState, cancellationToken));
        foreach (McpServerEntry entry in entries)
        {
            if (patterns is null || Array.Exists(patterns, pattern => pattern.IsMatch(entry.Name)))
            {
                WriteSeen(entry);
            }
        }
    }
}

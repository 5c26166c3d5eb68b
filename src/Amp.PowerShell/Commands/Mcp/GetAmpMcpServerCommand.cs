using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Gets the MCP servers of the user and workspace settings, without their secrets.</summary>
/// <example>
/// <code>Get-AmpMcpServer -IncludeState | Where-Object Status -NE connected</code>
/// </example>
[Cmdlet(VerbsCommon.Get, "AmpMcpServer")]
[OutputType(typeof(McpServerEntry))]
public sealed class GetAmpMcpServerCommand : ManagementCmdlet
{
    private readonly NameFilter _filter = new();

    /// <summary>The names of the servers. Wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(McpServerNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Makes the CLI start or call the servers to get their state. This takes up to 30 seconds and requires an API key.</summary>
    [Parameter]
    public SwitchParameter IncludeState { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (!HasPipedNull(nameof(Name)))
        {
            _filter.Add(Name);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_filter.IsEmpty)
        {
            return;
        }

        IReadOnlyList<McpServerEntry> entries = WaitOrThrow(
            cancellationToken => new McpServerClient(CliOptions).ListAsync(IncludeState, cancellationToken));
        foreach (McpServerEntry entry in entries.Where(entry => _filter.Matches(entry.Name)))
        {
            WriteSeen(entry);
        }

        foreach (string name in _filter.Missing(entries.Select(entry => entry.Name)))
        {
            WriteError(AmpErrorRecord.Of(new AmpValidationException(
                $"There is no MCP server '{TerminalText.Strip(name)}' in the settings.", nameof(Name), "Run Get-AmpMcpServer without a name to list all servers.", name)));
        }
    }
}

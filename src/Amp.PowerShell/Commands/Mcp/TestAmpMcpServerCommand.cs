using System.Management.Automation;
using Amp.PowerShell.Completion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Makes the CLI start or call its MCP servers, and writes the tools or the problem of each server. This takes up to 30 seconds if a server has no tools
/// or does not answer. Requires an API key.
/// </summary>
/// <example>
/// <code>Test-AmpMcpServer | Where-Object -Not IsConnected | Format-List Name, Status, Error</code>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "AmpMcpServer")]
[OutputType(typeof(McpServerState))]
public sealed class TestAmpMcpServerCommand : ManagementCmdlet
{
    /// <summary>The names of the servers. By default, all servers.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(McpServerNameCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (HasPipedNull(nameof(Name)))
        {
            return;
        }

        McpServerClient client = OrThrow(() => new McpServerClient(CliOptions));
        foreach (string? name in Name ?? [null!])
        {
            if (TryFor(token => client.TestAsync(name, token), name, out IReadOnlyList<McpServerState>? states))
            {
                WriteObject(states, enumerateCollection: true);
            }
        }
    }
}

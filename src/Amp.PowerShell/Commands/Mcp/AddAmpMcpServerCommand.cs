using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Adds all servers to the settings file, or none if one of them is invalid. Secrets are written to that file and never appear in an
/// argument; comments in the file are kept. A server in the workspace settings runs for a user only after that user has approved it
/// (<c>Approve-AmpMcpServer</c>).
/// </summary>
/// <example>
/// <code>New-AmpMcpServer tickets -Url https://tickets.example.com/mcp -Header @{ Authorization = 'Bearer ${TICKETS_TOKEN}' } | Add-AmpMcpServer</code>
/// </example>
[Cmdlet(VerbsCommon.Add, "AmpMcpServer", SupportsShouldProcess = true)]
[OutputType(typeof(McpServer))]
public sealed class AddAmpMcpServerCommand : ManagementCmdlet
{
    private readonly List<McpServer> _servers = [];

    /// <summary>The servers, from <c>New-AmpMcpServer</c> or as hashtables of the same shape. Either all of them are added, or none.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject")]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? McpServer { get; set; }

    /// <summary>
    /// Adds the servers to the workspace settings, for everyone who works in that folder. Each user must approve the servers.
    /// </summary>
    [Parameter]
    public SwitchParameter Workspace { get; set; }

    /// <summary>Replaces existing servers of the same name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the added servers to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // The secrets of a piped object too, before there is an error about it.
        HiddenSecrets.Hide(this);
        OrThrow(() => _servers.AddRange(McpServerTransformationAttribute.Read(SessionState, McpServer, _servers.Count)));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SettingsScope scope = Workspace ? SettingsScope.Workspace : SettingsScope.User;
        McpServerClient client = OrThrow(() => new McpServerClient(CliOptions));
        string target = OrThrow(() => client.SettingsPath(scope));
        if (Workspace)
        {
            WarnOfSecrets(target);
        }

        if (_servers.Count == 0 || !ShouldProcess(target, $"Add MCP server {string.Join(", ", _servers.Select(server => server.Name))}"))
        {
            return;
        }

        WaitOrThrow(async cancellationToken =>
        {
            await client.AddAsync(_servers, Force, scope, cancellationToken).ConfigureAwait(false);
            return true;
        });
        if (PassThru)
        {
            WriteObject(_servers, enumerateCollection: true);
        }
    }

    // The file belongs to the project: it is shared, and version control keeps it permanently.
    private void WarnOfSecrets(string target)
    {
        foreach ((McpServer server, IReadOnlyList<string> secrets) in _servers.Select(server => (server, server.FindLiteralSecrets())))
        {
            if (secrets.Count == 0)
            {
                continue;
            }

            WriteWarning(
                $"The MCP server '{server.Name}' would store secrets in '{target}', a file of the project: "
                    + $"{TerminalText.Strip(string.Join(", ", secrets))}. Give a reference such as '${{NAME}}' instead; the CLI "
                    + "replaces it with the value of that variable.");
        }
    }
}

using System.Management.Automation;
using Amp.PowerShell.State;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Writes the output of the script block of <c>Use-AmpReplay</c>. Commands after the pipe work while it writes, and their runs do not belong to the block. It is no
/// command of the module: only the pipeline of that cmdlet knows it.
/// </summary>
internal sealed class BlockOutput : PSCmdlet
{
    /// <summary>The command, for a pipeline.</summary>
    public static CmdletInfo Command { get; } = new("Write-AmpBlockOutput", typeof(BlockOutput));

    /// <summary>The replay of the block.</summary>
    [Parameter(Mandatory = true)]
    public object? Block { get; set; }

    /// <summary>What the script writes.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        RunspaceState.Current.Replays.Outside((ReplayFrame)PSObject.AsPSObject(Block).BaseObject, () => WriteObject(InputObject));
}

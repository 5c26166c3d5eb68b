using System.Management.Automation;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>Makes messages of a conversation; piped into <c>Invoke-AmpAgent</c>, each is a turn of one run.</summary>
[Cmdlet(VerbsCommon.New, "AmpUserMessage")]
[OutputType(typeof(UserInputMessage))]
public sealed class NewAmpUserMessageCommand : AmpCmdlet
{
    /// <summary>What the user says, a turn each.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string[] Text { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string text in Text)
        {
            WriteObject(OrThrow(() => new UserInputMessage(text)));
        }
    }
}

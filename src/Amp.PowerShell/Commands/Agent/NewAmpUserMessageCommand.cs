using System.Management.Automation;
using Amp.PowerShell.Conversion;
using Amp.PowerShell.Pipeline;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Creates user messages for <c>Invoke-AmpAgent</c>, where each is a turn of one run, and for <c>Send-AmpMessage</c>. In contrast, each
/// string that you pipe into <c>Invoke-AmpAgent</c> is a separate run.
/// </summary>
[Cmdlet(VerbsCommon.New, "AmpUserMessage")]
[OutputType(typeof(UserInputMessage))]
public sealed class NewAmpUserMessageCommand : AmpCmdlet
{
    /// <summary>The user's text. Each string is a turn.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string[] Text { get; set; } = [];

    /// <summary>
    /// Images that the message is about, at most 4: paths, files, bytes, or streams of PNG, JPEG, GIF or WebP images. If there are several texts, the first
    /// message has them.
    /// </summary>
    [Parameter]
    [ImageTransformation]
    [SupportsWildcards]
    public InputImage[]? Image { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string text in Text)
        {
            UserInputMessage message = OrThrow(() => new UserInputMessage(text, Image ?? []));
            Image = null;
            WriteObject(message);
        }
    }
}

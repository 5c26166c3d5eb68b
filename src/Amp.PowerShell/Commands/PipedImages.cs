using System.Management.Automation;

namespace Amp.PowerShell.Commands;

/// <summary>
/// Piped image files. The agent sees the images if only image files are piped in; as soon as something else is among them, the files are data
/// like everything else, which the agent gets as a list.
/// </summary>
internal sealed class PipedImages
{
    private static readonly string[] s_extensions = [".png", ".jpg", ".jpeg", ".gif", ".webp"];

    private readonly List<PSObject> _files = [];
    private bool _isData;

    /// <summary>The number of image files.</summary>
    public int Count => _files.Count;

    /// <summary>Takes an object if it is an image file and all earlier ones are.</summary>
    public bool TryAdd(PSObject item)
    {
        // The name decides, and the content is checked when it is read: a file that only looks like an image is an error, not data.
        if (_isData || item.BaseObject is not FileInfo file || !s_extensions.Contains(file.Extension, StringComparer.OrdinalIgnoreCase))
        {
            return false;
        }

        _files.Add(item);
        return true;
    }

    /// <summary>Hands the files over as data, because something else is piped in with them.</summary>
    public void GiveBack(ContextText context)
    {
        _isData = true;
        _files.ForEach(context.Add);
        _files.Clear();
    }

    /// <summary>Reads the images.</summary>
    /// <param name="given">The images that were given by parameter, which come first.</param>
    /// <exception cref="AmpValidationException">There are too many files, or one of them is not an image that the CLI accepts.</exception>
    public InputImage[] Read(InputImage[]? given)
    {
        int count = _files.Count + (given?.Length ?? 0);
        if (count > UserInputMessage.MostImages)
        {
            throw new AmpValidationException(
                $"{count} images were given, but a message can have at most {UserInputMessage.MostImages}.",
                nameof(AmpOptions.Images),
                "Pipe in fewer files. To ask about the list of the files instead, pipe in their properties: ... | Select-Object Name, Length.",
                count);
        }

        return [.. given ?? [], .. _files.Select(file => InputImage.FromFile(((FileInfo)file.BaseObject).FullName))];
    }
}

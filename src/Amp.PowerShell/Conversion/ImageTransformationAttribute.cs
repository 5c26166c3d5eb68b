using System.Collections;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Also accepts images as paths, in which wildcards are resolved unless a file has the name, as files, and as bytes or streams.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class ImageTransformationAttribute : ArgumentTransformationAttribute
{
    private const string WayOut = "Give paths or files: -Image ./screen.png, or bytes of an image.";

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (PlainValue.Unwrap(inputData) is null)
        {
            return null;
        }

        List<InputImage?> images = [];
        Add(images, engineIntrinsics, PlainValue.Unwrap(inputData), isInList: false);
        return images.ToArray();
    }

    private static void Add(List<InputImage?> images, EngineIntrinsics engine, object? value, bool isInList)
    {
        switch (value)
        {
            case null:
                // Null is refused together with all other values of the SDK.
                images.Add(null);
                break;
            case InputImage image:
                images.Add(image);
                break;
            case byte[] bytes:
                images.Add(InputImage.FromBytes(bytes));
                break;
            case Stream stream:
                images.Add(InputImage.FromStreamAsync(stream).GetAwaiter().GetResult());
                break;
            case FileInfo file:
                images.Add(InputImage.FromFile(file.FullName));
                break;
            case PathInfo { Provider.Name: "FileSystem" } found:
                images.Add(InputImage.FromFile(found.ProviderPath));
                break;
            case string path:
                images.AddRange(Paths(engine, path, images.Count).Select(InputImage.FromFile));
                break;
            case IEnumerable<byte> bytes:
                images.Add(InputImage.FromBytes(bytes.ToArray()));
                break;
            case object[] { Length: > 0 } parts when !isInList && Array.TrueForAll(parts, part => PlainValue.Unwrap(part) is byte):
                images.Add(InputImage.FromBytes([.. parts.Select(part => (byte)PlainValue.Unwrap(part)!)]));
                break;
            case IEnumerable list when !isInList && value is not IDictionary:
                foreach (object? item in list)
                {
                    Add(images, engine, PlainValue.Unwrap(item), isInList: true);
                    if (images.Count > UserInputMessage.MostImages)
                    {
                        // Not after reading thousands of files.
                        throw UserInputMessage.TooMany(images.Count);
                    }
                }

                break;
            default:
                throw Refuse($"An object of type {value.GetType()} is not an image.");
        }
    }

    private static string[] Paths(EngineIntrinsics engine, string path, int count)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw Refuse("The path of an image is empty.");
        }

        PathIntrinsics paths = engine.SessionState.Path;
        string literal = paths.GetUnresolvedProviderPathFromPSPath(path, out ProviderInfo provider, out _);
        if (provider.Name != "FileSystem")
        {
            throw Refuse($"'{path}' is not a file system path.");
        }

        if (File.Exists(literal))
        {
            return [literal];
        }

        if (!WildcardPattern.ContainsWildcardCharacters(path))
        {
            // Tab completion escapes the brackets of a name.
            return [paths.GetUnresolvedProviderPathFromPSPath(WildcardPattern.Unescape(path))];
        }

        string[] found = [.. paths.GetResolvedProviderPathFromPSPath(path, out _)];
        return found.Length == 0 ? throw Refuse($"No file matches '{path}'.")
            : count + found.Length > UserInputMessage.MostImages ? throw UserInputMessage.TooMany(count + found.Length)
            : found;
    }

    private static AmpValidationException Refuse(string message) => new($"{message} {WayOut}", nameof(AmpOptions.Images), WayOut);
}

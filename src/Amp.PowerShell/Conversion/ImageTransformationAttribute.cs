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
            case string path:
                images.AddRange(Paths(engine, path).Select(InputImage.FromFile));
                break;
            case IEnumerable list when !isInList && value is not IDictionary:
                foreach (object? item in list)
                {
                    Add(images, engine, PlainValue.Unwrap(item), isInList: true);
                }

                break;
            default:
                throw Refuse($"An object of type {value.GetType()} is not an image.");
        }
    }

    private static string[] Paths(EngineIntrinsics engine, string path)
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

        if (File.Exists(literal) || !WildcardPattern.ContainsWildcardCharacters(path))
        {
            return [literal];
        }

        string[] found = [.. paths.GetResolvedProviderPathFromPSPath(path, out _)];
        return found.Length > 0 ? found : throw Refuse($"No file matches '{path}'.");
    }

    private static AmpValidationException Refuse(string message) => new($"{message} {WayOut}", nameof(AmpOptions.Images), WayOut);
}

using System.Collections;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>Converts each value to an object of the SDK. Objects of the SDK are not changed.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal abstract class ObjectTransformationAttribute : ArgumentTransformationAttribute
{
    private const int DeepestList = 16;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? plain = PlainValue.Unwrap(inputData);
        return plain switch
        {
            null => null,
            IEnumerable list and not (IDictionary or string) => ToArray(Flat(list, 0).Select((item, index) => Convert(engineIntrinsics, item, index))),
            _ => ToArray([Convert(engineIntrinsics, inputData, 0)]),
        };
    }

    // A list of results of several calls is a list of lists: (New-AmpPermission ...), (New-AmpPermission ...).
    private static IEnumerable<object?> Flat(IEnumerable list, int depth)
    {
        foreach (object? item in list)
        {
            if (PlainValue.Unwrap(item) is IEnumerable inner and not (IDictionary or string))
            {
                foreach (object? one in depth < DeepestList
                    ? Flat(inner, depth + 1)
                    : throw new ArgumentTransformationMetadataException("The list contains itself, or its lists are nested too deeply."))
                {
                    yield return one;
                }
            }
            else
            {
                yield return item;
            }
        }
    }

    private protected abstract Array ToArray(IEnumerable<object?> items);

    private protected abstract object? Make(EngineIntrinsics engineIntrinsics, object? item, int index);

    private protected abstract bool IsDone(object? item);

    private object? Convert(EngineIntrinsics engineIntrinsics, object? item, int index)
    {
        object? plain = PlainValue.Unwrap(item);

        // Null is refused together with all other values of the SDK.
        return plain is null || IsDone(plain) ? plain : Make(engineIntrinsics, item, index);
    }
}

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
            IEnumerable list and not (IDictionary or string) => ToArray(Converted(engineIntrinsics.SessionState, list, 0)),
            _ => ToArray([Convert(engineIntrinsics.SessionState, inputData, 0)]),
        };
    }

    /// <summary>
    /// Converts the values of a parameter that does not have this attribute, because its cmdlet uses all piped objects or none: PowerShell leaves out a piped
    /// object that an attribute refuses, and continues with the others.
    /// </summary>
    /// <param name="session">Resolves paths.</param>
    /// <param name="given">The values of one piped object, or of the parameter.</param>
    /// <param name="count">The number of objects before them, for errors.</param>
    /// <param name="parameterName">The name of the parameter.</param>
    /// <exception cref="AmpValidationException">A value cannot be converted or is null, or there is none.</exception>
    private protected IReadOnlyList<T> Read<T>(SessionState session, object?[]? given, int count, string parameterName)
        where T : class
    {
        T[] items;
        try
        {
            items = [.. Converted(session, given ?? [null], count).Select(item => item as T ?? throw GivenNull.InList(parameterName))];
        }
        catch (Exception exception) when (exception is ArgumentTransformationMetadataException or SessionStateException)
        {
            // The list contains itself, or a path is on a drive that does not exist. For an attribute, PowerShell makes an error of it.
            throw new AmpValidationException($"-{parameterName}: {exception.Message}", parameterName, "Check the values that you give.");
        }

        return items.Length > 0 ? items : throw GivenNull.EmptyList(parameterName);
    }

    private IEnumerable<object?> Converted(SessionState session, IEnumerable list, int count) =>
        Flat(list, 0).Select((item, index) => Convert(session, item, count + index));

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

    private protected abstract object? Make(SessionState session, object? item, int index);

    private protected abstract bool IsDone(object? item);

    private object? Convert(SessionState session, object? item, int index)
    {
        object? plain = PlainValue.Unwrap(item);

        // Null is refused together with all other values of the SDK.
        return plain is null || IsDone(plain) ? plain : Make(session, item, index);
    }
}

using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Accepts a hashtable, or an object whose properties become one. Any other value is refused with an example and without showing it,
/// because it may contain a secret that PowerShell's own error would show.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class DictionaryTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Creates the attribute.</summary>
    /// <param name="example">An example of a valid value.</param>
    public DictionaryTransformationAttribute(string example) => Example = example;

    /// <summary>An example of a valid value.</summary>
    public string Example { get; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is PSObject { BaseObject: PSCustomObject } custom)
        {
            OrderedDictionary result = new(StringComparer.Ordinal);
            foreach (PSPropertyInfo property in custom.Properties)
            {
                result.Add(property.Name, property.Value);
            }

            return result;
        }

        object? plain = PlainValue.Unwrap(inputData);
        return plain is null or IDictionary ? inputData : throw new ArgumentTransformationMetadataException(
            $"The value is {(plain is string ? "a string" : $"an object of type {plain.GetType()}")}. Give a hashtable: {Example}.");
    }
}

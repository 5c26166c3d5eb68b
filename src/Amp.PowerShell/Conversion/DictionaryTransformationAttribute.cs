using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;

namespace Amp.PowerShell.Conversion;

/// <summary>
/// Takes a hashtable, or an object whose properties make one. All else is refused with an example and without being shown: it may hold
/// a secret, and PowerShell's own error would show it.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
internal sealed class DictionaryTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Makes the attribute.</summary>
    /// <param name="example">What could be given.</param>
    public DictionaryTransformationAttribute(string example) => Example = example;

    /// <summary>What could be given.</summary>
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
            $"The value is {(plain is string ? "a text" : $"an object of type {plain.GetType()}")}. Give a hashtable: {Example}.");
    }
}

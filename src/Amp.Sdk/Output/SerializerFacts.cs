using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;

namespace Amp.Output;

/// <summary>
/// What the serializer knows about a type. .NET 9 and later say it themselves, also in a trimmed program; on .NET 8, it is read from the type.
/// </summary>
internal static class SerializerFacts
{
    /// <summary>Why a method cannot be used in a trimmed or native program.</summary>
    public const string ReflectionMessage = "The members of the type are found by reflection. Use the overload with a JsonTypeInfo of a JsonSerializerContext.";

    private static readonly PropertyInfo? s_elementType = typeof(JsonTypeInfo).GetProperty("ElementType");
    private static readonly PropertyInfo? s_parameter = typeof(JsonPropertyInfo).GetProperty("AssociatedParameter");

    /// <summary>Returns whether a member without a setter is set by the constructor, such as that of a record.</summary>
    public static bool IsConstructed(JsonTypeInfo type, JsonPropertyInfo property) => s_parameter is not null
        ? s_parameter.GetValue(property) is not null
        : ConstructorsOf(type.Type).Any(constructor => constructor.GetParameters().Any(parameter =>
            string.Equals(parameter.Name, (property.AttributeProvider as MemberInfo)?.Name ?? property.Name, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Gets the type of the items of a list or of the values of a dictionary; null if it is unknown.</summary>
    public static Type? ItemOf(JsonTypeInfo type, Type plain, Type shape) => plain.IsArray ? plain.GetElementType()
        : s_elementType is not null ? s_elementType.GetValue(type) as Type
        : InterfacesOf(plain).Append(plain)
            .Where(face => face.IsGenericType && (face.GetGenericTypeDefinition() == shape
                || (shape == typeof(IDictionary<,>) && face.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))))
            .Select(face => face.GetGenericArguments()[^1]).FirstOrDefault();

    [UnconditionalSuppressMessage(
        "Trimming", "IL2070", Justification = "Only on .NET 8. The generated code of the serializer calls the constructor, so trimming keeps it.")]
    private static ConstructorInfo[] ConstructorsOf(Type type) => type.GetConstructors();

    [UnconditionalSuppressMessage(
        "Trimming", "IL2070", Justification = "Only on .NET 8. The generated code of the serializer uses the items by this interface, so trimming keeps it.")]
    private static Type[] InterfacesOf(Type type) => type.GetInterfaces();
}

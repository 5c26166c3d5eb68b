#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli

    # The first runs toolboxes itself; for the last the module does.
    $builds = 'MarchCli', 'NativeCli' | ForEach-Object { @{ Build = $_; Missing = Get-AmpTestGap $_ } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $place = Open-AmpTestPlace
    $toolbox = Join-Path $place.Root 'tool box'
    $script = Join-Path $place.Root "it's a script.ps1"
    Set-Content -LiteralPath $script -Value @'
<#
.SYNOPSIS
    Counts what the user has in stock, it's said.
.PARAMETER Item
    What to count.
#>
param(
    [Parameter(Mandatory)] [string] $Item,
    [ValidateRange(1, 9)] [int] $Count = 1,
    [ValidateSet('Text', 'Object', 'Error')] [string] $As = 'Text',
    [string] $Since,
    [hashtable] $Filter,
    [System.Collections.Specialized.OrderedDictionary] $Sorted
)
switch ($As) {
    'Text' { "$Count of $Item"; 'done' }
    'Object' { [pscustomobject]@{ Item = $Item; Count = $Count; Since = "s:$Since"; Filter = $Filter; Order = "$($Sorted.Keys)" } }
    'Error' { throw "no $Item" }
}
'@
}

AfterAll {
    Close-AmpTestPlace $place
}

Describe 'New-AmpTool of a script''s file' {
    It 'writes nothing with -WhatIf' {
        New-AmpTool -LiteralPath $script -Toolbox $toolbox -Name stock -WhatIf | Should -BeNullOrEmpty
        $toolbox | Should -Not -Exist
    }

    It 'writes one executable, and replaces it only with -Force' {
        $file = New-AmpTool -LiteralPath $script -Toolbox $toolbox -Name stock

        $file | Should -BeOfType [System.IO.FileInfo]
        $file.DirectoryName | Should -Be $toolbox
        if (-not $IsWindows) {
            (Get-ChildItem -LiteralPath $toolbox -Force).Name | Should -Be 'stock'
            $file.UnixFileMode.HasFlag([System.IO.UnixFileMode]::UserExecute) | Should -BeTrue
        }

        { New-AmpTool -LiteralPath $script -Toolbox $toolbox -Name stock } | Should -Throw -ErrorId 'InvalidOption,*'
        New-AmpTool -LiteralPath $script -Toolbox $toolbox -Name stock -Force | Should -BeOfType [System.IO.FileInfo]
    }

    It 'does not promise the agent that a script runs with -WhatIf, because it never does' {
        $own = Join-Path $place.Root 'clear.ps1'
        Set-Content -LiteralPath $own -Value '[CmdletBinding(SupportsShouldProcess)] param() if ($PSCmdlet.ShouldProcess("it")) { 1 }'
        $null = New-AmpTool -LiteralPath $own -Toolbox $toolbox -Name clear
        (Get-ChildItem -LiteralPath $toolbox -Filter clear* | Get-Content -Raw) -join '' | Should -Not -BeLike '*-WhatIf*'
        (Get-Command $own | New-AmpTool).Description | Should -BeLike '*-WhatIf*'
    }

    It 'gives the script the values that the agent gave, and a null as nothing' -Skip:$IsWindows {
        $file = New-AmpTool -LiteralPath $script -Toolbox $toolbox -Name values
        try {
            $env:TOOLBOX_ACTION = 'execute'
            $output = '{"Item":"nut","Count":null,"As":"Object","Since":"2026-11-29T10:00:00Z","Filter":{"List":["2026-11-29"],"Half":0.5,"On":true,"None":null},"Sorted":{"z":1,"a":2,"m":3}}' |
                & $file.FullName | Out-String
        } finally {
            Remove-Item env:TOOLBOX_ACTION
        }

        # ConvertFrom-Json would make times of the strings.
        $output | Should -Match '"s:2026-11-29T10:00:00Z"'
        $output | Should -Match '"2026-11-29"'
        $object = $output | ConvertFrom-Json
        $object.Count | Should -Be 1
        @($object.Filter.List).Count | Should -Be 1
        $object.Filter.Half, $object.Filter.On, $object.Filter.None | Should -Be 0.5, $true, $null
        $object.Order | Should -Be 'z a m'
    }

    It 'gives the script no variables of its own' -Skip:$IsWindows {
        $own = Join-Path $place.Root 'names.ps1'
        Set-Content -LiteralPath $own -Value 'param([string] $Item) "$Item[$text][$p][$h][$argument][$output]"'
        $file = New-AmpTool -LiteralPath $own -Toolbox $toolbox -Name names
        try {
            $env:TOOLBOX_ACTION = 'execute'
            '{"Item":"nut"}' | & $file.FullName | Should -Be 'nut[][][][][]'
        } finally {
            Remove-Item env:TOOLBOX_ACTION
        }
    }

    It 'refuses what is no script: <_>' -ForEach 'nothing.ps1', 'text.txt', 'broken.ps1' {
        Set-Content -LiteralPath (Join-Path $place.Root 'text.txt') -Value 'x'
        Set-Content -LiteralPath (Join-Path $place.Root 'broken.ps1') -Value 'param($a'
        { New-AmpTool -LiteralPath (Join-Path $place.Root $_) -Toolbox $toolbox } | Should -Throw -ErrorId 'InvalidOption,*'
    }
}

Describe 'The executable of a script whose path has quotation marks' -Skip:$IsWindows {
    It 'runs the script, and nothing of its path: <_>' -ForEach @(
        "Marc$([char] 0x2019)s tools"
        "a$([char] 0x2019)) ; Set-Content ran 1 ; ($([char] 0x2019)b"
        "a$([char] 0x2018)); Set-Content ran 1 #", "a$([char] 0x201A)); Set-Content ran 1 #", "a$([char] 0x201B)); Set-Content ran 1 #", "a'); Set-Content ran 1 #", 'a"$(Set-Content ran 1)`b'
    ) {
        $folder = New-Item -ItemType Directory (Join-Path $place.Root $_)
        $own = Join-Path $folder.FullName "it$([char] 0x2019)s.ps1"
        Set-Content -LiteralPath $own -Value '"it ran"'
        $file = New-AmpTool -LiteralPath $own -Toolbox $toolbox -Name quoted -Force
        Push-Location $folder
        try {
            $env:TOOLBOX_ACTION = 'execute'
            '{}' | & $file.FullName | Should -Be 'it ran'
            Join-Path $folder.FullName ran | Should -Not -Exist
        } finally {
            Remove-Item env:TOOLBOX_ACTION
            Pop-Location
        }
    }
}

Describe "A tool of a script in a toolbox$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
        $call.Environment.AMP_TOOLBOX = $toolbox
        $null = New-AmpTool -LiteralPath $script -Toolbox $toolbox -Name stock -Force
    }

    It 'is described by the script''s parameters and comments' {
        $tool = Get-AmpTool tb__stock @call

        $tool.Description | Should -BeLike 'Counts what the user has in stock, it''s said.*'
        $tool.RequiredParameters | Should -Be 'Item'
        $tool.InputSchema.properties.Item.description | Should -Be 'What to count.'
        $tool.InputSchema.properties.Count.type | Should -Be 'integer'
        $tool.InputSchema.properties.As.enum | Should -Be 'Text', 'Object', 'Error'
    }

    It 'runs the script with its input' {
        $item = "größe `"q`" 'x' `$y 😀"
        $answer = Invoke-AmpTool tb__stock @{ Item = $item; Count = 3 } @call

        $answer.exitCode | Should -Be 0
        $answer.output.TrimEnd() -split '\r?\n' | Should -Be "3 of $item", 'done'
        $object = (Invoke-AmpTool tb__stock @{ Item = 'nut'; As = 'Object' } @call).output | ConvertFrom-Json
        $object.Item | Should -Be 'nut'
        $object.Count | Should -Be 1
    }

    It 'that throws or is given the wrong input tells so' {
        $answer = Invoke-AmpTool tb__stock @{ Item = 'nut'; As = 'Error' } @call -ErrorAction SilentlyContinue -ErrorVariable errors
        "$($answer.output) $errors" | Should -BeLike '*no nut*'
        $answer = Invoke-AmpTool tb__stock @{ Item = 'nut'; Count = 99 } @call -ErrorAction SilentlyContinue -ErrorVariable errors
        "$($answer.output) $errors" | Should -BeLike '*Count*'
    }
}

Describe 'A run with a script''s tool on <Build><Missing>' -ForEach $builds {
    It 'calls it, with its input and by its name of a toolbox' -Skip:([bool] $Missing) {
        $service = Open-AmpLocalService $place
        $call = Get-AmpLocalCall $place $service
        $call.CliPath = (Get-AmpTestLayout).$Build
        $null = New-AmpTool -LiteralPath $script -Toolbox $toolbox -Name stock -Force
        $name = $Build -eq 'NativeCli' ? 'mcp__tb__stock' : 'tb__stock'
        $run = Invoke-AmpAgent "RUN:$name {`"Item`":`"nut`",`"Count`":3}END" @call -Toolbox $toolbox -Permission (New-AmpPermission tb__stock Allow)
        $run.ToolUse.Name | Should -Be 'tb__stock'
        $run.ToolResult.Text | Should -Match '3 of nut\s+done'
        $run[-1].Outcome | Should -Be 'Succeeded'
    }
}

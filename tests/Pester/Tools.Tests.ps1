#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $builds = @(
        @{ Build = '2026-01-08'; Need = 'JanuaryCli'; Shell = 'Bash' }
        @{ Build = '2026-03-24'; Need = 'MarchCli'; Shell = 'Bash' }
        @{ Build = '2026-09-23'; Need = 'NativeCli'; Shell = 'shell_command' }
    )
    $builds | ForEach-Object { $_.Missing = Get-AmpTestGap $_.Need }
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $place = Open-AmpTestPlace
    $service = Open-AmpLocalService $place
    $call = Get-AmpLocalCall $place $service
    $toolbox = (New-Item -ItemType Directory (Join-Path $place.Root 'toolbox')).FullName
    if (-not $IsWindows) {
        $tool = Join-Path $toolbox 'count'
        Set-Content -LiteralPath $tool -Value @'
#!/bin/sh
case "$TOOLBOX_ACTION" in
describe) echo '{"name":"count","description":"Counts words","inputSchema":{"type":"object","properties":{"text":{"type":"string"},"deep":{"type":"object"}},"required":["text"]}}';;
*) echo "got $(cat)";;
esac
'@
        chmod +x $tool
    }

    $call.Environment.AMP_TOOLBOX = $toolbox
}

AfterAll {
    Close-AmpTestPlace $place
}

Describe 'The tools of the CLI of <Build><Missing>' -ForEach $builds {
    BeforeAll {
        $own = $call.Clone()
        $own.CliPath = (Get-AmpTestLayout).$Need
    }

    It 'are listed, and one is shown with its schema' -Skip:([bool] $Missing) {
        $tools = Get-AmpTool @own

        $tools | Should -BeOfType [Amp.ToolInfo]
        $tools.Count | Should -BeGreaterThan 5
        ($tools | Where-Object Name -EQ $Shell).Source | Should -Be 'built-in'
        $tools.InputSchema.Where{ $_ } | Should -BeNullOrEmpty
        $one = $tools | Where-Object Name -EQ $Shell | Get-AmpTool @own
        $one.Name | Should -Be $Shell
        $one.InputSchema.type | Should -Be 'object'
        $one.Parameters | Should -Not -BeNullOrEmpty
        $one.Description.Length | Should -BeGreaterThan ($tools | Where-Object Name -EQ $Shell).Description.Length
    }

    It 'that is not there is an error' -Skip:([bool] $Missing) {
        Get-AmpTool 'no_such_tool' @own -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty

        $errors[0].FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.GetAmpToolCommand'
        $errors[0].TargetObject | Should -Be 'no_such_tool'
        $errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'are not listed without a key, and no login waits' -Skip:([bool] $Missing) {
        $without = $own.Clone()
        $without.Environment = $own.Environment + @{}
        $without.Environment.AMP_API_KEY = $null
        { Get-AmpTool @without } | Should -Throw -ErrorId 'NotAuthenticated,*'
    }
}

Describe "The tools of the March CLI$missing" -Skip:([bool] $missing) {
    It 'are chosen by wildcards' {
        (Get-AmpTool 're*', 'Gre?' @call).Name | Sort-Object | Should -Be 'Grep', 'Read', 'read_mcp_resource', 'read_thread', 'read_web_page' -Because 'names are compared without case'
    }

    It 'can be those of a toolbox' -Skip:$IsWindows {
        $one = Get-AmpTool tb__count @call

        $one.Source | Should -Be 'toolbox'
        $one.Origin | Should -Be (Join-Path $toolbox 'count')
        $one.Parameters | Should -Be 'text', 'deep'
        $one.RequiredParameters | Should -Be 'text'
    }

    It 'answer with objects' {
        $answer = Invoke-AmpTool Bash @{ cmd = 'echo "größer 😀"; exit 3' } @call

        $answer.output | Should -Be "größer 😀`n"
        $answer.exitCode | Should -Be 3
    }

    It 'get their input whole, by standard input' -Skip:$IsWindows {
        $argument = @{ text = "a 'b' `"c`" `$d"; deep = [ordered]@{ list = @(1, 2.5, $true, $null); custom = [pscustomobject]@{ x = 'y' } } }
        $answer = Get-AmpTool tb__count @call | Invoke-AmpTool -Argument $argument @call

        $answer.output | Should -BeLike 'got *'
        $got = $answer.output.Substring(4) | ConvertFrom-Json -AsHashtable
        $got.text | Should -Be $argument.text
        $got.deep.list | Should -Be 1, 2.5, $true, $null
        $got.deep.custom.x | Should -Be 'y'
    }

    It 'that fail are errors' {
        Invoke-AmpTool Read @{ path = '/no/such/file' } @call -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $errors[0].FullyQualifiedErrorId | Should -Be 'CliFailed,Amp.PowerShell.Commands.InvokeAmpToolCommand'
        $errors[0].Exception.Message | Should -BeLike '*File not found*'
    }

    It 'that are unknown or get the wrong input are errors: <Tool>' -ForEach @(
        @{ Tool = 'no_such_tool'; Argument = @{} }, @{ Tool = 'Read'; Argument = @{} }
    ) {
        { Invoke-AmpTool $Tool $Argument @call -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,*'
    }

    It 'that a person would have to approve end at the time limit, with advice' {
        Invoke-AmpTool Bash @{ cmd = 'rm -rf /no/such/folder' } @call -TimeoutSec 4 -ErrorVariable errors -ErrorAction SilentlyContinue |
            Should -BeNullOrEmpty

        $errors[0].FullyQualifiedErrorId | Should -Be 'Timeout,Amp.PowerShell.Commands.InvokeAmpToolCommand'
        $errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*permission rule*'
    }

    It 'are not called with -WhatIf' {
        $file = Join-Path $place.Project 'made'
        Invoke-AmpTool Bash @{ cmd = "touch '$file'" } @call -WhatIf
        $file | Should -Not -Exist
    }
}

Describe 'Invoke-AmpTool' {
    It 'starts nothing with -WhatIf, or for what is no input' {
        $fake = Get-AmpFakeCall $place
        Invoke-AmpTool Bash @{ cmd = 'x' } @fake -WhatIf
        { Invoke-AmpTool Bash @{ cmd = [double]::NaN } @fake -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,*'
        { Invoke-AmpTool Bash @{ cmd = [System.Threading.Mutex]::new() } @fake -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidOption,*'
        $endless = @{}
        $endless.self = $endless
        { Invoke-AmpTool Bash $endless @fake } | Should -Throw -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'is refused where the CLI cannot' {
        $fake = Get-AmpFakeCall $place -Variable @{
            AMP_FAKE_HELP = Join-Path (Get-AmpTestLayout).Root 'tests/Amp.FakeCli/help/2026-09-23.txt'
            XDG_CACHE_HOME = Join-Path $place.Root 'cache-september'
        }
        { Invoke-AmpTool Bash @fake -ErrorAction Stop } | Should -Throw -ErrorId 'UnsupportedByCli,*'
        Get-AmpFakeRecord $place -Kind Command | Should -BeNullOrEmpty
        { Get-AmpTool @fake } | Should -Throw -ErrorId 'InvalidStreamJson,*' -Because 'that command it has'
    }
}

Describe 'Get-AmpTool with wildcards' {
    It 'compares names without case in <_> too' -ForEach 'tr-TR', 'az-Latn-AZ' {
        $fake = Get-AmpFakeCall $place 'raw [{"name":"finder","source":"built-in"},{"name":"Read","source":"built-in"}]'
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = $_
            $tools = Get-AmpTool 'FIND*' @fake
        } finally {
            [cultureinfo]::CurrentCulture = $culture
        }

        $tools.Name | Should -Be 'finder'
    }
}

Describe 'Get-AmpTool of an answer that is not known' {
    It 'shows it in an error and drops no row: <_>' -ForEach '[{"name":"Read","source":"built-in"},{"source":"built-in"}]', '[1]', 'no JSON', '{}' {
        $fake = Get-AmpFakeCall $place "raw $_"
        { Get-AmpTool @fake } | Should -Throw -ErrorId 'InvalidStreamJson,*'
    }
}
